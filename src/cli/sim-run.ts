import { setImmediate } from 'node:timers/promises'
import type { Port } from '../../sim/verilog/compiler/layout.ts'
import { takeCoverage } from '../../sim/verilog/coverage/collector.ts'
import { lcov } from '../../sim/verilog/coverage/lcov.ts'
import { coverageSummary, type FileSummary, type Share } from '../../sim/verilog/coverage/summary.ts'
import { type Dut, dutOf } from '../../sim/verilog/dut.ts'
import type { EngineDesign } from '../../sim/verilog/engine.ts'
import { Simulation } from '../../sim/verilog/simulation.ts'
import { record } from '../../sim/verilog/waveform/recording.ts'
import { writeVcd } from '../../sim/verilog/waveform/waveform.ts'
import type { VcdSummary } from '../../sim/verilog/waveform/write-vcd.ts'
import { describeError, GemgateError } from '../core/errors.ts'
import { Random } from '../core/random.ts'
import { writeFileWhole } from '../core/write-file-whole.ts'
import type { Output } from './output.ts'

export interface RunOptions {
  readonly cycles?: number
  readonly set: Readonly<Record<string, string>>
  readonly random?: number
  readonly vcd?: string
  readonly coverage?: true | string
}

export interface Run {
  readonly cycles: number
  readonly finished: boolean
  /** Values at the end, decimal. */
  readonly outputs: Readonly<Record<string, string>>
  readonly printed: string
  readonly failure?: GemgateError
  readonly vcd?: VcdSummary
  readonly coverage?: readonly FileSummary[]
}

/** Runs a design with chosen or random inputs. An assertion that fails ends the run and is told, but is no error here. */
export async function runDesign(
  design: EngineDesign,
  options: RunOptions,
  output: Output,
  signal: AbortSignal,
): Promise<Run> {
  const { cycles = 1000, set, random, vcd } = options
  let printed = ''
  const simulation = new Simulation(design, {
    onPrint: (text) => {
      printed += text
      if (!output.json) process.stdout.write(text)
    },
  })
  if (vcd !== undefined) record(simulation)
  const clocks = design.ports.filter(({ clock }) => clock).map(({ name }) => name)
  const several = clocks.length > 1 ? { clocks: Object.fromEntries(clocks.map((name) => [name, 10])) } : {}
  using dut = dutOf(simulation, several)
  const { done, failure } = await drive(dut, { cycles, set, random, signal })
  const run = {
    cycles: done,
    finished: simulation.finished,
    outputs: Object.fromEntries(Object.entries(dut.out).map(([name, value]) => [name, `${value}`])),
    printed,
  }
  const outputs = Object.entries(run.outputs).map(([name, value]) => `${name}=${value}`)
  output.text(`after ${run.cycles} cycles${run.finished ? ', ended by $finish' : ''}: ${outputs.join(' ')}`)
  if (failure) output.text(describeError(failure))
  const wave = vcd === undefined ? undefined : await writeVcd(simulation, vcd)
  if (wave)
    output.text(`${wave.path}: ${wave.signals} signals, cycles ${wave.firstCycle} to ${wave.lastCycle}`)
  const coverage = options.coverage === undefined ? undefined : await cover(options.coverage, output)
  return { ...run, ...(failure && { failure }), ...(wave && { vcd: wave }), ...(coverage && { coverage }) }
}

/** A design under random inputs is reset once, or it would never get anywhere. */
const resetCycles = 2
/** Cycles between two looks at Ctrl-C. */
const chunk = 10_000
const isReset = ({ name, width }: Port): boolean => width === 1 && /(?:^|_)[an]{0,2}(?:rst|reset)/i.test(name)
const isActiveHigh = ({ name }: Port): boolean => !/(?:^|_)a?n(?:rst|reset)|(?:rst|reset)_?n/i.test(name)

interface Stimulus {
  readonly cycles: number
  readonly set: Readonly<Record<string, string>>
  readonly random: number | undefined
  readonly signal: AbortSignal
}

interface Driven {
  readonly done: number
  readonly failure?: GemgateError
}

async function drive(dut: Dut, { cycles, set, random, signal }: Stimulus): Promise<Driven> {
  for (const [name, value] of Object.entries(set)) {
    const { port, write } = dut.port(name)
    if (port.clock)
      throw new GemgateError('GG_USAGE', `${name} is a clock and runs by itself`, 'Set other inputs.')
    write(inputValue(name, value))
  }
  const numbers = random === undefined ? undefined : new Random(random)
  const inputs = [...dut.simulation.ports.values()].filter(
    ({ name, direction, clock }) => direction === 'input' && !clock && !Object.hasOwn(set, name),
  )
  const resets = inputs.filter(isReset)
  const step = (cycle: number): void => {
    for (const { name, width, signed } of inputs) dut.port(name).write(bits(numbers!, width, signed))
    for (const reset of resets)
      dut.port(reset.name).write(cycle < resetCycles === isActiveHigh(reset) ? 1 : 0)
    advance(1)
  }
  const { simulation } = dut
  const hasClock = [...simulation.ports.values()].some(({ clock }) => clock)
  const advance = (count: number): number => {
    if (hasClock) return dut.run(count)
    dut.settle()
    return count
  }
  let done = 0
  try {
    while (done < cycles && !dut.finished) {
      const end = Math.min(done + chunk, cycles)
      if (numbers) for (; done < end && !dut.finished; done++) step(done)
      else done += advance(end - done)
      // a signal is heard only between the chunks
      await setImmediate()
      signal.throwIfAborted()
    }
  } catch (error) {
    if (!(error instanceof GemgateError) || error.code !== 'GG_ASSERTION') throw error
    // only the main clock knows how far a run came
    return { done: simulation.design.clock === '' ? done + 1 : simulation.cycle, failure: error }
  }
  return { done }
}

function bits(numbers: Random, width: number, signed: boolean): bigint {
  let value = 0n
  for (let i = 0; i < width; i += 32) value = (value << 32n) | BigInt(numbers.uint32())
  return signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)
}

export function inputValue(name: string, text: string): bigint {
  try {
    return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
  } catch {
    throw new GemgateError(
      'GG_USAGE',
      `the input ${name} cannot be '${text}'`,
      'Give a whole number: 12, -3, 0xff.',
    )
  }
}

async function cover(file: true | string, output: Output): Promise<FileSummary[]> {
  const coverage = takeCoverage()
  if (file !== true) await writeFileWhole(file, lcov(coverage))
  const summary = coverageSummary(coverage)
  for (const { file: source, lines, branches, signals, missing } of summary) {
    output.text(`${source}: lines ${text(lines)}, branches ${text(branches)}, signals ${text(signals)}`)
    if (missing.lines.length > 0) output.text(`  lines that did not run: ${missing.lines.join(', ')}`)
    if (missing.branches.length > 0)
      output.text(`  lines with a way not taken: ${missing.branches.join(', ')}`)
    if (missing.signals.length > 0)
      output.text(`  bits that did not rise and fall: ${missing.signals.join(', ')}`)
  }
  return summary
}

const text = ({ covered, total }: Share): string =>
  `${covered}/${total}${total === 0 ? '' : ` (${Math.floor((100 * covered) / total)} %)`}`
