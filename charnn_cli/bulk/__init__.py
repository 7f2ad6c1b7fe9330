"""Labels whole folders of files, on one machine or a cluster.

A file is cut into blocks of rows, and each block becomes one output file, a part, whose name follows from the input
file and the block's number. So there is nothing to put together at the end, rows keep their order within parts and
parts theirs by name, and a block that is done a second time, by a process that takes over from one that died, writes
the same bytes under the same name, if its processor is of the same kind: others may round the last digits otherwise.
A part is written beside its name and renamed; it counts once the manifest names it.
"""
