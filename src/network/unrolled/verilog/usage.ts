/** Which bits of which signals are read, so that the others can be named as unused. */
export class Usage {
  readonly #read = new Map<string, Uint8Array>()

  declare(name: string, bits: number): void {
    this.#read.set(name, new Uint8Array(bits))
  }

  readonly read = (name: string, _bits: number, from: number, to: number): void => {
    this.#read.get(name)?.fill(1, from, to)
  }

  /** Parts that nothing reads, as expressions. */
  unread(): string[] {
    const parts: string[] = []
    for (const [name, bits] of this.#read) {
      for (let from = 0; from < bits.length; from++) {
        if (bits[from]) continue
        let to = from
        while (to < bits.length && !bits[to]) to++
        parts.push(`${name}[${to - 1 === from ? from : `${to - 1}:${from}`}]`)
        from = to
      }
    }
    return parts
  }
}
