import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;

/**
 * Does what it is told, a line of standard input at a time: GET, EXPECT, UPLOAD or GZIP, and a URL.
 * It prints the status and what it got.
 */
public class Conversation {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1).build();

    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            String[] words = line.split(" ");
            try {
                System.out.println(handle(words[0], URI.create(words[1])));
            } catch (IOException error) {
                System.out.println("error " + error.getClass().getSimpleName());
            }
        }
    }

    private static String handle(String way, URI url) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(20));
        if (way.equals("GET") || way.equals("GZIP")) {
            HttpResponse<InputStream> response = CLIENT.send(
                request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = way.equals("GZIP")
                    ? new GZIPInputStream(response.body()) : response.body()) {
                return response.statusCode() + " "
                    + new String(body.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        AtomicBoolean taken = new AtomicBoolean();
        HttpResponse<String> response = CLIENT.send(
            request.expectContinue(way.equals("EXPECT")).POST(
                HttpRequest.BodyPublishers.ofInputStream(() -> {
                    taken.set(true);
                    return new ByteArrayInputStream(new byte[8 << 20]);
                })).build(),
            HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + taken.get();
    }
}
