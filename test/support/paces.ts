/** How often each side of a stream pauses, as `dut.stream` takes it: probabilities per clock. */
export interface Pace {
  readonly source: number
  readonly sink: number
}

/** The paces at which every unit is tried: full speed, a slow source, a slow sink, both, and a sink that hardly takes. */
export const paces: readonly Pace[] = [
  { source: 0, sink: 0 },
  { source: 0.5, sink: 0 },
  { source: 0, sink: 0.5 },
  { source: 0.4, sink: 0.4 },
  { source: 0.08, sink: 0.94 },
]
