import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Fetches a URL by the way that is named before it, and prints what it got. */
public class RealHost {
    public static void main(String[] args) throws Exception {
        System.out.println(args[0].equals("URL") ? byUrl(args[1]) : byHttpClient(args[1]));
    }

    private static String byUrl(String url) throws Exception {
        return new String(new URL(url).openStream().readAllBytes());
    }

    private static String byHttpClient(String url) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(url)).build(),
            HttpResponse.BodyHandlers.ofString()).body();
    }
}
