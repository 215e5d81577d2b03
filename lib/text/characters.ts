/**
 * The simplest tokenizer: each different character of a text is a token.
 * @see notebooks/16-sequences.ipynb
 * @example
 * const characters = new CharacterTokenizer('hello');
 * characters.decode(characters.encode('hole')) // → hole
 */

export class CharacterTokenizer {
  /** In the order of their numbers. */
  readonly characters: readonly string[];
  private readonly ids: Map<string, number>;

  /** @param text every character that will ever be needed; characters are code points, so '😀' is one */
  constructor(text: string) {
    this.characters = [...new Set(text)].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
    if (this.characters.length === 0)
      throw new Error('a text without characters gives no tokens; expected at least one');
    this.ids = new Map(this.characters.map((character, id) => [character, id]));
  }

  get size(): number {
    return this.characters.length;
  }

  /** @throws Error naming the first character that the text at the start did not have */
  encode(text: string): number[] {
    return Array.from(text, character => {
      const id = this.ids.get(character);
      if (id === undefined)
        throw new Error(`${JSON.stringify(character)} is none of the ${this.size} characters known`);
      return id;
    });
  }

  decode(ids: ArrayLike<number>): string {
    return Array.from(ids, id => this.token(id)).join(''); // also of a tensor's numbers, whose map() makes numbers again
  }

  token(id: number): string {
    const character = this.characters[id];
    if (character === undefined) throw new Error(`no character has the number ${id}; there are ${this.size}`);
    return character;
  }
}
