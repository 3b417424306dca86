import type { Port, Probe } from '../compiler/layout.ts'
import type { EngineInstance } from '../engine.ts'
import { startsUnheard } from '../waveform/started.ts'
import { Coverage, type CoverageLayout, type GroupValues } from './coverage-data.ts'

/** What a process collects; shared by all copies of this module, which test runners load more than once. */
interface Collection {
  /** Designs are compiled with coverage unless they say otherwise. */
  active: boolean
  total: Coverage
  /** Running instances, whose counts are still in their memory. */
  readonly running: Map<EngineInstance, () => void>
}

const shared = globalThis as { [collectionKey]?: Collection }
const collectionKey = Symbol.for('gemgate.sim.coverage')

function collection(): Collection {
  shared[collectionKey] ??= { active: false, total: new Coverage(), running: new Map() }
  return shared[collectionKey]
}

/** From now on, every design is compiled with coverage. */
export function startCoverage(): void {
  collection().active = true
}

export function stopCoverage(): void {
  collection().active = false
}

export function coverageActive(): boolean {
  return collection().active
}

/** What all simulations of this process have covered since the last call; those that are running now count no more. */
export function takeCoverage(): Coverage {
  const all = collection()
  for (const flush of all.running.values()) flush()
  all.running.clear()
  const { total } = all
  all.total = new Coverage()
  return total
}

/**
 * Collects what a running design counts, before its counters are lost.
 * @param instance its `settle` calls its `refresh`
 */
export function collectFrom<Instance extends Required<Pick<EngineInstance, 'refresh'>> & EngineInstance>(
  instance: Instance,
  layout: CoverageLayout,
): Instance {
  // a repetition for a waveform runs nothing that was not counted already
  if (startsUnheard()) return instance
  const all = collection()
  const watched = layout.groups.flatMap(({ group, output }) =>
    output ? [new WatchedOutput(group, layout.plan.groups[group]!.kind, output)] : [],
  )
  const flush = () => {
    const counted = layout.groups.filter(({ output }) => !output)
    all.total.add(layout.plan, [
      ...counted.map(({ group, probes }) => ({
        group,
        values: probes.map((probe) => read(instance, probe)),
      })),
      ...watched.map((output) => output.take()),
    ])
    for (const { probes } of counted) for (const probe of probes) clear(instance, probe)
  }
  const [reset, close] = [instance.reset.bind(instance), instance.close.bind(instance)]
  instance.reset = () => {
    flush()
    reset()
  }
  instance.close = () => {
    if (all.running.delete(instance)) flush()
    close()
  }
  if (watched.length > 0) {
    const refresh = instance.refresh.bind(instance)
    instance.refresh = () => {
      refresh()
      for (const output of watched) output.look(instance)
    }
  }
  all.running.set(instance, flush)
  return instance
}

/** Counts in a design without a clock: each time that its outputs are settled. */
class WatchedOutput {
  readonly #group: number
  readonly #kind: 'hits' | 'signal'
  readonly #probe: Probe
  #before = 0n
  #values: bigint[] = []

  constructor(group: number, kind: 'hits' | 'signal', { word, width }: Pick<Port, 'word' | 'width'>) {
    this.#group = group
    this.#kind = kind
    this.#probe = { name: '', width, runs: [{ address: 4 * word, offset: 0, length: width }] }
    this.take()
  }

  look(instance: EngineInstance): void {
    const now = read(instance, this.#probe)
    const values = this.#values
    if (this.#kind === 'hits') for (let i = 0; i < values.length; i++) values[i]! += (now >> BigInt(i)) & 1n
    else {
      values[0]! |= now & ~this.#before
      values[1]! |= this.#before & ~now
      this.#before = now
    }
  }

  /** What was counted since the last call. */
  take(): GroupValues {
    const values = this.#values
    this.#values = new Array<bigint>(this.#kind === 'hits' ? this.#probe.width : 2).fill(0n)
    return { group: this.#group, values }
  }
}

function read({ words }: EngineInstance, { runs }: Probe): bigint {
  let value = 0n
  let at = 0n
  for (const { address, offset, length } of runs) {
    if (address >= 0) {
      let bits = 0n
      for (let i = Math.ceil((offset + length) / 32) - 1; i >= 0; i--)
        bits = (bits << 32n) | BigInt(words[address / 4 + i]! >>> 0)
      value |= BigInt.asUintN(length, bits >> BigInt(offset)) << at
    }
    at += BigInt(length)
  }
  return value
}

/** Counters have words of their own. */
function clear({ words }: EngineInstance, { runs }: Probe): void {
  for (const { address, offset, length } of runs)
    if (address >= 0) words.fill(0, address / 4, address / 4 + Math.ceil((offset + length) / 32))
}
