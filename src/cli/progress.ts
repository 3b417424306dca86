/** Progress of long work: one line that rewrites itself on a terminal, plain lines every few seconds elsewhere. */
export class Progress {
  readonly #label: string
  readonly #total: number | undefined
  readonly #start = performance.now()
  #shown = 0
  #count = 0
  #open = false

  constructor(label: string, total?: number) {
    this.#label = label
    this.#total = total
  }

  /** One more is done. */
  advance(note = ''): void {
    this.reach(this.#count + 1, note)
  }

  /** So many are done. */
  reach(count: number, note = ''): void {
    this.#count = count
    const now = performance.now()
    const terminal = process.stderr.isTTY === true
    if (now - this.#shown < (terminal ? 80 : 5000)) return
    this.#shown = now
    this.#write(this.#line(note), terminal)
  }

  /** Ends the line with the final count. */
  finish(note = ''): void {
    this.#write(this.#line(note), process.stderr.isTTY === true)
    if (this.#open) process.stderr.write('\n')
    this.#open = false
  }

  #line(note: string): string {
    const comma = note === '' ? '' : `, ${note}`
    const seconds = (performance.now() - this.#start) / 1000
    if (this.#total === undefined) return `${this.#label} ${this.#count}, ${seconds.toFixed(0)} s${comma}`
    const filled = Math.round((20 * this.#count) / Math.max(1, this.#total))
    const bar = '#'.repeat(Math.min(20, filled)).padEnd(20, '.')
    const left = this.#count > 0 ? (seconds / this.#count) * (this.#total - this.#count) : 0
    const rest = this.#count < this.#total ? `${left.toFixed(0)} s left` : `${seconds.toFixed(1)} s`
    return `${this.#label} [${bar}] ${this.#count}/${this.#total}, ${rest}${comma}`
  }

  #write(line: string, terminal: boolean): void {
    this.#open = terminal
    process.stderr.write(
      terminal ? `\r\u001b[K${line.slice(0, (process.stderr.columns ?? 100) - 1)}` : `${line}\n`,
    )
  }
}
