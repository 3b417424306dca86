import type { HitGroup, SignalGroup } from './points.ts'

export interface Clock {
  readonly edge: 'posedge' | 'negedge'
  readonly signal: string
}

/** What is added to one module. */
export class Additions {
  readonly lines: string[] = []
  readonly #groups: (HitGroup | SignalGroup)[]

  constructor(groups: (HitGroup | SignalGroup)[]) {
    this.#groups = groups
  }

  hits(clock: Clock | undefined): Hits {
    const regions: number[][] = []
    const number = this.#groups.push({ kind: 'hits', regions }) - 1
    return new Hits(`\\$coverage.${number}.hit`, regions, (name, body) => {
      if (regions.length === 0) return
      this.#wires(number, name, regions.length, clock)
      this.lines.push(`process $coverage$process$${number}`, ...body, 'end')
    })
  }

  signal(signal: SignalGroup['signal'], wire: string, clock: Clock | undefined): void {
    const number = this.#groups.push({ kind: 'signal', signal }) - 1
    const name = `\\$coverage.${number}.signal`
    this.#wires(number, name, signal.width, clock)
    this.lines.push(`connect ${name} ${wire}`)
  }

  #wires(number: number, name: string, width: number, clock: Clock | undefined): void {
    this.lines.push('attribute \\keep 1', `wire width ${width} ${name}`)
    if (!clock) return
    const edge = `\\$coverage.${number}.${clock.edge}`
    this.lines.push('attribute \\keep 1', `wire ${edge}`, `connect ${edge} ${clock.signal}`)
  }
}

/** A process that only sets the bits of one group. */
export class Hits {
  readonly #name: string
  readonly #regions: (readonly number[])[]
  readonly #close: (name: string, body: readonly string[]) => void
  readonly #constant: string[] = []
  readonly #body: string[] = []

  constructor(
    name: string,
    regions: (readonly number[])[],
    close: (name: string, body: readonly string[]) => void,
  ) {
    this.#name = name
    this.#regions = regions
    this.#close = close
  }

  line(text: string): void {
    this.#body.push(text)
  }

  /** One more bit that is 1 at this point of the process; returns its name. */
  hit(regions: readonly number[]): string {
    const bit = this.#bit(regions)
    this.#body.push(`assign ${bit} 1'1`)
    return bit
  }

  /** One more bit that is always 1. */
  constant(region: number): void {
    this.#constant.push(`assign ${this.#bit([region])} 1'1`)
  }

  close(): void {
    const defaults = this.#regions.map((_, bit) => `assign ${this.#name} [${bit}] 1'0`)
    this.#close(this.#name, [...defaults, ...this.#constant, ...this.#body])
  }

  #bit(regions: readonly number[]): string {
    return `${this.#name} [${this.#regions.push(regions) - 1}]`
  }
}
