import { type Broken, brokenRule, type Progress, stuckError } from './outcome.ts'
import type { StreamPlan } from './plan.ts'
import { rowWords, type SidePlan } from './side.ts'
import { Xoshiro } from './xoshiro.ts'

/** What clocks the design: one rising edge of the stream's clock. */
export interface Stepper {
  readonly words: Int32Array
  settle(): void
  /** @returns false if the design has ended the simulation */
  step(): boolean
}

/** The rows that each sink took, and how far it went. */
export interface StreamRun extends Progress {
  /** The cycles in which the items of each source were taken. */
  readonly sourceTimes: readonly Uint32Array[]
  readonly sinkRows: readonly Rows[]
}

/** Rows of words in a buffer that grows. */
export class Rows {
  readonly length: number
  words: Uint32Array
  count = 0

  constructor(length: number) {
    this.length = length
    this.words = new Uint32Array(length * 64)
  }

  reserve(rows: number): void {
    const needed = (this.count + rows) * this.length
    if (needed <= this.words.length) return
    const wider = new Uint32Array(Math.max(needed, this.words.length * 2))
    wider.set(this.words)
    this.words = wider
  }
}

/** The meaning of a stream, cycle by cycle; the WebAssembly version does exactly the same. */
export function streamByCycles(stepper: Stepper, plan: StreamPlan): StreamRun {
  const { words } = stepper
  const { until, rubbish, drain, patience, limit, settles } = plan
  const sources = plan.sources.map((side) => ({
    ...side,
    random: new Xoshiro(side.seed),
    times: new Uint32Array(side.count),
    length: rowWords(side),
    offering: false,
    taken: false,
  }))
  const sinks = plan.sinks.map((side) => ({
    ...side,
    random: new Xoshiro(side.seed),
    rows: new Rows(rowWords(side)),
    takes: false,
    held: undefined as readonly number[] | undefined,
  }))
  const sent = sources.map(() => 0)
  const received = sinks.map(() => 0)
  const progress: Progress = { cycles: 0, sent, received }
  let idle = 0
  let quiet = 0
  let finished = false
  while (!finished) {
    if (progress.cycles >= limit) throw stuckError(plan, progress, 'limit')
    sources.forEach((source, i) => {
      if (source.offering) return
      if (sent[i]! < source.count && passes(source, source.random)) {
        source.offering = true
        const start = sent[i]! * source.length
        source.words.forEach(({ word }, w) => {
          words[word] = source.rows[start + w]!
        })
      } else if (rubbish) {
        for (const { word, mask } of source.words) words[word] = source.random.next() & mask
      }
      words[source.valid.word] = Number(source.offering)
    })
    for (const sink of sinks) {
      sink.takes = passes(sink, sink.random)
      if (sink.ready) words[sink.ready.word] = Number(sink.takes)
      else sink.takes = true
    }
    if (settles) stepper.settle()
    for (const source of sources)
      source.taken = source.offering && (source.ready === undefined || words[source.ready.word] !== 0)
    let offered = false
    let transfer = false
    sinks.forEach((sink, k) => {
      const valid = words[sink.valid.word] !== 0
      offered ||= valid
      const found = valid || sink.held ? sink.words.map(({ word }) => words[word]!) : []
      const { held } = sink
      if (held && !(valid && held.every((value, w) => value === found[w]))) {
        const broken: Broken = { sink: k, valid, held, found }
        throw brokenRule(plan, progress, broken)
      }
      sink.held = valid && !sink.takes ? found : undefined
      if (!valid || !sink.takes) return
      transfer = true
      sink.rows.reserve(1)
      const start = sink.rows.count++ * sink.rows.length
      sink.rows.words.set(found, start)
      sink.rows.words[start + found.length] = progress.cycles
      received[k]!++
    })
    const reached = until === undefined || words[until.word] !== 0
    finished = !stepper.step()
    sources.forEach((source, i) => {
      if (!source.taken) return
      transfer = true
      source.times[sent[i]!++] = progress.cycles
      source.offering = false
    })
    progress.cycles++
    const allSent = sources.every(({ count }, i) => sent[i] === count)
    quiet = allSent && !offered ? quiet + 1 : 0
    idle = transfer ? 0 : idle + 1
    if (allSent && reached && quiet >= drain && sinks.every(({ wanted }, k) => received[k]! >= wanted)) break
    if (!finished && idle > patience) throw stuckError(plan, progress, 'patience')
  }
  return {
    ...progress,
    sourceTimes: sources.map(({ times }) => times),
    sinkRows: sinks.map(({ rows }) => rows),
  }
}

function passes({ threshold }: SidePlan, random: Xoshiro): boolean {
  return threshold === 0 || random.next() >>> 0 >= threshold
}
