# -*- coding: utf-8 -*-
"""Templates: which targets they match, and what their placeholders stand for."""
import pytest

from httptestserver.recording.target import Target
from httptestserver.recording.template import Template


def params(template, target):
    """Return the params of a match, or None."""
    template, target = Template(Target(template)), Target(target)
    return template.params(target) if template.matches(target) else None


@pytest.mark.parametrize('template, target, expected', [
    ('/files/{path...}', '/files/a', {'path': 'a'}),
    ('/files/{path...}', '/files/a/b/c', {'path': 'a/b/c'}),
    ('/files/{path...}', '/files/', {'path': ''}),
    ('/files/{path...}', '/files/a/', {'path': 'a/'}),
    ('/files/{path...}', '/files//', {'path': '/'}), ('/files/{path...}', '/files', None),
    ('/files/{path...}', '/file/a', None), ('/{path...}', '/', {'path': ''}),
    ('/{path...}', '/a%2Fb/c%20d', {'path': 'a/b/c d'}), ('/{path...}', '*', None),
    ('/{user}/{path...}', '/7/a/b', {'user': '7', 'path': 'a/b'}),
    ('/{user}/{path...}', '//a', None),
    ('/{user}/x/{path...}', '/7/x/', {'user': '7', 'path': ''}),
    ('/{user}/x/{path...}', '/7/y/', None),
    ('/a/{b}', '/a/c', {'b': 'c'}), ('/a/{b}', '/a/c/d', None), ('/a', '/a', {})])
def test_the_rest_of_a_path_is_one_param(template, target, expected):
    assert params(template, target) == expected


@pytest.mark.parametrize('template', [
    '/{a...}/b', '/{a...}/{b}', '/{a...}/{b...}', '/{a}/{a...}', '/{...}', '/x{a...}', '/{a...}x',
    '/{a..}', '/{a....}', '/{1...}'])
def test_a_placeholder_for_the_rest_is_a_segment_at_the_end(template):
    with pytest.raises(ValueError) as caught:
        Template(Target(template))
    assert str(caught.value) == (
        'a template has {name} for a whole segment, {name...} for the rest at its end, each name '
        'once, and other braces as %7B and %7D; got ' + template)


@pytest.mark.parametrize('segment, meant', [('<path:rest>', '{rest...}'), ('<int:id>', '{id}')])
def test_a_placeholder_of_another_library_leads_to_its_kind(segment, meant):
    with pytest.raises(ValueError) as caught:
        Template(Target('/a/' + segment))
    assert 'did you mean %s?' % meant in str(caught.value)


@pytest.mark.parametrize('template', ['/files/{path...}', 'https://a.test/{b}', '/a%20b'])
def test_a_template_is_shown_as_it_was_written(template):
    assert str(Template(Target(template))) == template


def test_an_origin_has_to_be_equal():
    template = Template(Target('https://A.test:443/{b}'))
    assert template.origin == 'https://a.test'
    assert template.matches(Target('/x').at('https://a.test'))
    assert not template.matches(Target('/x').at('http://a.test'))
    assert not template.matches(Target('/x'))
