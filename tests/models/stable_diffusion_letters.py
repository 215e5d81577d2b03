"""The alphabet of CLIP's tokenizer, shared by the two scripts beside this file."""


def bytes_to_letters():
    """A letter for each of the 256 bytes, printable ones first: those stand for themselves."""
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in own]
    return [chr(b) for b in own] + [chr(256 + i) for i in range(len(rest))]
