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
export async function runDesign(design: EngineDesign, options: RunOptions, output: Output): Promise<Run> {
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
  const failure = drive(dut, { cycles, set, random })
  const run = {
    cycles: simulation.cycle,
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
const isReset = ({ name, width }: Port): boolean => width === 1 && /(?:^|_)[an]{0,2}(?:rst|reset)/i.test(name)
const isActiveHigh = ({ name }: Port): boolean => !/(?:^|_)a?n(?:rst|reset)|(?:rst|reset)_?n/i.test(name)

interface Stimulus {
  readonly cycles: number
  readonly set: Readonly<Record<string, string>>
  readonly random: number | undefined
}

function drive(dut: Dut, { cycles, set, random }: Stimulus): GemgateError | undefined {
  for (const [name, value] of Object.entries(set)) dut.port(name).write(inputValue(name, value))
  const numbers = random === undefined ? undefined : new Random(random)
  const inputs = [...dut.simulation.ports.values()].filter(
    ({ name, direction, clock }) => direction === 'input' && !clock && !Object.hasOwn(set, name),
  )
  const resets = inputs.filter(isReset)
  try {
    if (!numbers || inputs.length === 0) dut.run(cycles)
    else
      for (let i = 0; i < cycles && !dut.finished; i++) {
        for (const { name, width, signed } of inputs) dut.port(name).write(bits(numbers, width, signed))
        for (const reset of resets)
          dut.port(reset.name).write(i < resetCycles === isActiveHigh(reset) ? 1 : 0)
        dut.run(1)
      }
  } catch (error) {
    if (error instanceof GemgateError && error.code === 'GG_ASSERTION') return error
    throw error
  }
  return undefined
}

function bits(numbers: Random, width: number, signed: boolean): bigint {
  let value = 0n
  for (let i = 0; i < width; i += 32) value = (value << 32n) | BigInt(numbers.uint32())
  return signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)
}

function inputValue(name: string, text: string): bigint {
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
