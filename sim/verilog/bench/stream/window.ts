import { rowWords, type SidePlan, type StreamPlan } from './plan.ts'

/** Bytes behind the memory of a design. */
export interface WindowSpace {
  readonly address: number
  readonly bytes: number
}

/** Places, as byte addresses, of what a side keeps between cycles, and of its rows. */
export interface SideWindow {
  /** Address of the next row, and of the end of the rows. */
  readonly next: number
  readonly end: number
  /** Source: 1 if rows are to come behind `end`. Sink: items still wanted. */
  readonly rest: number
  /** Source: 1 while it offers. Sink: 1 while an offer stands that was not taken, its data in `held`. */
  readonly pending: number
  readonly random: number
  readonly held: number
  readonly rows: number
  readonly capacity: number
}

export interface StreamWindow {
  readonly cycle: number
  readonly idle: number
  readonly quiet: number
  readonly sources: readonly SideWindow[]
  readonly sinks: readonly SideWindow[]
}

const sideBytes = 32

/** Divides the window; undefined if it is too small for a row of each side. */
export function layWindow(space: WindowSpace, plan: StreamPlan): StreamWindow | undefined {
  const sides: SidePlan[] = [...plan.sources, ...plan.sinks]
  let state = space.address + 16
  const states = sides.map((side) => {
    const start = state
    state += sideBytes + 4 * side.words.length
    return start
  })
  const each = Math.floor((space.address + space.bytes - state) / sides.length / 4) * 4
  const places = sides.map((side, i): SideWindow => {
    const start = states[i]!
    return {
      next: start,
      end: start + 4,
      rest: start + 8,
      pending: start + 12,
      random: start + 16,
      held: start + sideBytes,
      rows: state + each * i,
      capacity: Math.floor(each / (4 * rowWords(side))),
    }
  })
  if (each <= 0 || places.some(({ capacity }) => capacity < 1)) return undefined
  return {
    cycle: space.address,
    idle: space.address + 4,
    quiet: space.address + 8,
    sources: places.slice(0, plan.sources.length),
    sinks: places.slice(plan.sources.length),
  }
}
