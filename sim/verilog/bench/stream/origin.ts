import type { Simulation } from '../../simulation.ts'

/** Where the result of a stream comes from. */
export interface StreamOrigin {
  readonly simulation: Simulation
  /** Cycles since power-on at the start of the stream. */
  readonly cycle: number
  /** The ports of the sink: valid, ready if there is one, data. */
  readonly ports: readonly string[]
}

const origins = new WeakMap<object, StreamOrigin>()

export function rememberOrigin(result: object, origin: StreamOrigin): void {
  origins.set(result, origin)
}

/** The origin of what `dut.stream` gave, for messages about it. */
export function originOf(result: object): StreamOrigin | undefined {
  return origins.get(result)
}
