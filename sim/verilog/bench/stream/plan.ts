import { GemgateError } from '../../../../src/core/errors.ts'
import { Random } from '../../../../src/core/random.ts'
import type { Port, PortDirection } from '../../compiler/layout.ts'
import type { Simulation } from '../../simulation.ts'
import { isCount } from '../errors.ts'
import { isResetName } from '../resets.ts'
import { packItems } from './columns.ts'
import type { StreamOptions, StreamPort, StreamSink, StreamSource } from './options.ts'
import type { SidePlan } from './side.ts'

export interface SourcePlan extends SidePlan {
  readonly rows: Uint32Array
  readonly count: number
}

export interface SinkPlan extends SidePlan {
  readonly wanted: number
}

export interface StreamPlan {
  readonly sources: readonly SourcePlan[]
  readonly sinks: readonly SinkPlan[]
  readonly until: Port | undefined
  readonly rubbish: boolean
  readonly drain: number
  readonly patience: number
  readonly limit: number
  readonly clock: string | undefined
  /** Something that is looked at depends on inputs without a register between. */
  readonly settles: boolean
}

const mostItems = 2 ** 32 - 1

/**
 * Looks up the ports and packs the items.
 * @throws GemgateError GG_PORT, GG_USAGE
 */
export function planStream(simulation: Simulation, options: StreamOptions): StreamPlan {
  const { stall, seed = 1, until, rubbish = true, drain = 100, patience = 20_000, limit = Infinity } = options
  const pause = (side: 'source' | 'sink') => (typeof stall === 'object' ? stall[side] : stall) ?? 0
  for (const [name, value] of Object.entries({ drain, patience, limit }))
    if (!isCount(value) && value !== Infinity)
      throw usage(`${name} is ${value}`, 'Give a whole number of cycles, 0 or more.')
  const sources = sourcesOf(options).map((given, i): SourcePlan => {
    const side = sidePlan(simulation, given.port, 'input', given.stall ?? pause('source'), [
      seed,
      'source',
      i,
    ])
    const { rows, count } = packItems(given.items, side)
    return { ...side, rows, count }
  })
  const sinks = sinksOf(options).map((given, i): SinkPlan => {
    const side = sidePlan(simulation, given.port, 'output', given.stall ?? pause('sink'), [seed, 'sink', i])
    const { count = 0 } = given
    if (!isCount(count) || count > mostItems)
      throw usage(`${side.name} is to give ${count} items`, `Give a whole number from 0 to ${mostItems}.`)
    return { ...side, wanted: count }
  })
  if (sources.length + sinks.length === 0)
    throw usage('the stream has neither source nor sink', 'Give `source` and `items`, or `sink`.')
  assertDrivenOnce([
    ...sources.flatMap(({ valid, data }) => [valid, ...data]),
    ...sinks.flatMap(({ ready }) => (ready ? [ready] : [])),
  ])
  const untilPort = until === undefined ? undefined : portOf(simulation, until)
  if (untilPort && untilPort.width > 32)
    throw usage(`${until} has ${untilPort.width} bits`, 'Take a port of up to 32.')
  const watched = [
    ...sources.flatMap(({ ready }) => (ready ? [ready] : [])),
    ...sinks.flatMap(({ valid, data }) => [valid, ...data]),
    ...(untilPort ? [untilPort] : []),
  ]
  return {
    sources,
    sinks,
    until: untilPort,
    rubbish,
    drain,
    patience,
    limit,
    clock: options.clock,
    settles: watched.some(({ registered }) => !registered),
  }
}

function assertDrivenOnce(inputs: readonly Port[]): void {
  const twice = inputs.find((port, i) => inputs.indexOf(port) !== i)
  if (twice) throw usage(`the input ${twice.name} belongs to two sides`, 'Name each port once.')
}

function sourcesOf({ source, items }: StreamOptions): readonly StreamSource[] {
  if (source === undefined || isList(source)) return source ?? []
  if (items === undefined || items === null)
    throw usage('the stream has a source and nothing to send', 'Give `items`.')
  return [{ port: source, items }]
}

function sinksOf({ sink, count }: StreamOptions): readonly StreamSink[] {
  if (sink === undefined || isList(sink)) return sink ?? []
  return [{ port: sink, ...(count === undefined ? {} : { count }) }]
}

const isList = <T>(value: string | StreamPort | readonly T[]): value is readonly T[] => Array.isArray(value)

function sidePlan(
  simulation: Simulation,
  given: string | StreamPort,
  direction: 'input' | 'output',
  stall: number,
  seeds: readonly [number, string, number],
): SidePlan {
  if (!(stall >= 0 && stall < 1)) throw usage(`a stall of ${stall}`, 'Give a probability from 0 to below 1.')
  const names = typeof given === 'string' ? portsOfPrefix(simulation, given) : given
  const other = direction === 'input' ? 'output' : 'input'
  const valid = portOf(simulation, names.valid, direction, 1)
  const ready = names.ready === undefined ? undefined : portOf(simulation, names.ready, other, 1)
  const list = typeof names.data === 'string' ? [names.data] : names.data
  const data = list.map((name) => portOf(simulation, name, direction))
  const words = data.flatMap(({ word, width }) =>
    Array.from({ length: Math.ceil(width / 32) }, (_, i) => {
      const bits = Math.min(32, width - 32 * i)
      return { word: word + i, mask: bits === 32 ? -1 : 2 ** bits - 1 }
    }),
  )
  const [seed, ...purpose] = seeds
  const random = new Random(seed).fork(...purpose)
  return {
    name: typeof given === 'string' ? given : given.valid,
    valid,
    ready,
    data,
    words,
    threshold: Math.min(2 ** 32 - 1, Math.round(stall * 2 ** 32)),
    seed: Uint32Array.from({ length: 4 }, () => random.uint32()),
  }
}

/**
 * The ports of a prefix: `s_axis` or `in` of `s_axis_tvalid` or `in_valid`, `s_axil_aw` of `s_axil_awvalid`. Data are
 * all other ports with the prefix and the direction of valid but clocks and resets, those named data first.
 * @throws GemgateError GG_PORT
 */
export function portsOfPrefix(simulation: Simulation, prefix: string): StreamPort {
  const { ports } = simulation
  const stem = [`${prefix}_t`, `${prefix}_`, prefix].find((start) => ports.has(`${start}valid`))
  if (stem === undefined) {
    const known = [...ports.keys()].filter((name) => name.endsWith('valid'))
    throw new GemgateError(
      'GG_PORT',
      `${simulation.design.top} has no stream ${prefix}: no port ${prefix}_tvalid`,
      `Ports that could be its valid: ${known.join(', ') || 'none'}; or give { valid, ready, data }.`,
    )
  }
  const [valid, ready] = [`${stem}valid`, `${stem}ready`]
  const { direction } = ports.get(valid)!
  const family = stem === prefix ? prefix : `${prefix}_`
  const data = [...ports.values()]
    .filter((port) => port.direction === direction && port.name.startsWith(family) && port.name !== valid)
    .filter(({ name, clock, width }) => !clock && !(width === 1 && isResetName(name)))
    .map((port) => port.name)
  const isData = (name: string) => /data$/.test(name)
  return {
    valid,
    ...(ports.has(ready) ? { ready } : {}),
    data: [...data.filter(isData), ...data.filter((name) => !isData(name))],
  }
}

/** @throws GemgateError GG_PORT */
export function portOf(
  simulation: Simulation,
  name: string,
  direction?: PortDirection,
  width?: number,
): Port {
  simulation.word(name)
  const port = simulation.ports.get(name)!
  if (direction !== undefined && port.direction !== direction)
    throw new GemgateError(
      'GG_PORT',
      `the port ${name} is an ${port.direction}`,
      `An ${direction} is needed here.`,
    )
  if (width !== undefined && port.width !== width)
    throw new GemgateError('GG_PORT', `the port ${name} has ${port.width} bits`, `It must have ${width}.`)
  return port
}

const usage = (message: string, remedy: string) => new GemgateError('GG_USAGE', message, remedy)
