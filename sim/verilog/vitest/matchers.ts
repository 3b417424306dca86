import { GemgateError } from '../../../src/core/errors.ts'
import type { Simulation } from '../simulation.ts'
import { waveformOrReason } from '../waveform/waveform.ts'
import { hex, type MatcherResult, type MatcherState, number, type Value } from './matcher-state.ts'
import { toGive } from './stream-matcher.ts'

/** The values that outputs must have, by name. */
export type Outputs = Readonly<Record<string, Value | boolean>>

export interface ReachOptions {
  /** Clock cycles that it may take, 1000 by default. */
  readonly within?: number
}

/** What matchers need of a design under test. */
export interface MatchedDut {
  readonly out: object
  readonly simulation: Simulation
  clock(cycles?: number): Promise<void>
  peek(name: string): Value
}

interface Difference {
  readonly name: string
  readonly expected: bigint
  readonly received: bigint
}

/** Matchers for designs under test, for `expect.extend`; a failure prints the last cycles as a waveform. */
export const designMatchers = {
  toGive,

  /** The outputs have these values, combinational ones settled. */
  toOutput(this: MatcherState, received: unknown, outputs: Outputs): MatcherResult {
    const dut = dutOf(received, 'toOutput')
    const differences = differencesOf(dut, outputs)
    return {
      pass: differences.length === 0,
      message: () => explain(this, dut, `outputs of ${dut.simulation.design.top}`, outputs, differences),
    }
  },

  /** An internal register has this value. */
  toHaveRegister(this: MatcherState, received: unknown, name: string, value: Value | boolean): MatcherResult {
    const dut = dutOf(received, 'toHaveRegister')
    const difference = differenceOf(name, value, dut.peek(name))
    return {
      pass: difference === undefined,
      message: () =>
        explain(
          this,
          dut,
          `registers of ${dut.simulation.design.top}`,
          { [name]: value },
          [difference ?? []].flat(),
        ),
    }
  },

  /** Clocks on until the outputs have these values. */
  async toReach(
    this: MatcherState,
    received: unknown,
    outputs: Outputs,
    { within = 1000 }: ReachOptions = {},
  ): Promise<MatcherResult> {
    const dut = dutOf(received, 'toReach')
    let differences = differencesOf(dut, outputs)
    for (let cycle = 0; cycle < within && differences.length > 0; cycle++) {
      await dut.clock()
      differences = differencesOf(dut, outputs)
    }
    const what = `${dut.simulation.design.top} to reach these outputs within ${within} cycles`
    return {
      pass: differences.length === 0,
      message: () => explain(this, dut, what, outputs, differences),
    }
  },
}

function dutOf(received: unknown, matcher: string): MatchedDut {
  const isDut = typeof received === 'object' && received !== null && 'simulation' in received
  if (isDut && 'out' in received && 'peek' in received) return received as MatchedDut
  throw new GemgateError(
    'GG_USAGE',
    `${matcher} was given no design under test`,
    'Write expect(dut), with what simulate() gave.',
  )
}

function differencesOf(dut: MatchedDut, outputs: Outputs): Difference[] {
  const values = dut.out as Readonly<Record<string, Value>>
  return Object.entries(outputs).flatMap(([name, value]) => differenceOf(name, value, values[name]!) ?? [])
}

function differenceOf(name: string, expected: Value | boolean, received: Value): Difference | undefined {
  const difference = { name, expected: BigInt(expected), received: BigInt(received) }
  return difference.expected === difference.received ? undefined : difference
}

function explain(
  { isNot, utils }: MatcherState,
  dut: MatchedDut,
  what: string,
  wanted: Outputs,
  differences: readonly Difference[],
): string {
  const names = isNot ? Object.keys(wanted) : differences.map(({ name }) => name)
  const longest = Math.max(...names.map((name) => name.length))
  const lines = isNot
    ? names.map((name) => `  ${name.padEnd(longest)}  ${utils.RECEIVED_COLOR(number(BigInt(wanted[name]!)))}`)
    : differences.map(({ name, expected, received }) => {
        const [left, right] = [utils.EXPECTED_COLOR(number(expected)), utils.RECEIVED_COLOR(number(received))]
        return `  ${name.padEnd(longest)}  expected ${left}, received ${right}`
      })
  const marks = isNot
    ? names.map((name) => [name, ''] as const)
    : differences.map(({ name, expected }) => [name, `(expected ${hex(expected)})`] as const)
  const { cycle } = dut.simulation
  return [
    `${isNot ? 'did not expect' : 'expected'} ${what}, in cycle ${cycle}:`,
    ...lines,
    '',
    waveformOrReason(dut, { marked: new Map(marks) }),
  ].join('\n')
}
