/** Bytes → text, piece by piece. */
export class StringDecoder {
  private decoder = new TextDecoder();

  write(bytes: Uint8Array): string {
    return this.decoder.decode(bytes, { stream: true });
  }

  end(): string {
    const rest = this.decoder.decode();
    this.decoder = new TextDecoder();
    return rest;
  }
}
