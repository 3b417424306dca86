import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomSource } from '../../../bench/conformance/random-source.ts'
import { compileVerilog, Simulation, type VerilogOptions } from '../../../sim/verilog/index.ts'

/** A module and what happens at its inputs, one event after the other. */
export interface EventCase {
  /** Also the name of the module, `dut` in the text. */
  readonly name: string
  readonly text: string
  /** Inputs that something waits for: clocks, asynchronous controls, enables of latches. */
  readonly clocks: readonly string[]
  /** Other inputs, which never change together with a clock: that would be a race. */
  readonly data: Readonly<Record<string, number>>
  readonly outputs: Readonly<Record<string, number>>
  /** Only one clock changes at a time: where logic of several makes a clock, Icarus would see pulses of no length. */
  readonly single?: boolean
  readonly options?: Omit<VerilogOptions, 'engine'>
}

export type InputEvent = Readonly<Record<string, bigint>>

/** Data changes and clock changes in turn; several clocks may change at once. */
export function randomEvents({ clocks, data, single }: EventCase, count: number, seed: number): InputEvent[] {
  const random = randomSource(seed)
  const level = new Map(clocks.map((name) => [name, 0n]))
  return Array.from({ length: count }, (_, i) => {
    if (i % 2 === 0)
      return Object.fromEntries(
        Object.entries(data).map(([name, width]) => [
          name,
          BigInt.asUintN(width, BigInt(Math.floor(random() * 2 ** 32)) * 0x9e3779b97f4a7c15n),
        ]),
      )
    const several = !single && random() < 0.2 ? 2 : 1
    for (let k = 0; k < several; k++) {
      const name = clocks[Math.floor(random() * clocks.length)]!
      level.set(name, 1n - level.get(name)!)
    }
    return Object.fromEntries(level)
  })
}

/** The outputs after each event, as hex, from the simulator of the project. */
export async function ownEvents(of: EventCase, events: readonly InputEvent[]): Promise<string[]> {
  const files = { 'dut.sv': of.text }
  const design = await compileVerilog('dut.sv', { cache: false, files, ...of.options })
  const simulation = new Simulation(design)
  return events.map((event) => {
    for (const [name, value] of Object.entries(event)) simulation.set(name, value)
    simulation.settle()
    return Object.entries(of.outputs)
      .map(([name, width]) =>
        simulation
          .get(name)
          .toString(16)
          .padStart(Math.ceil(width / 4), '0'),
      )
      .join(' ')
  })
}

/** The same from Icarus Verilog, all cases in one run. */
export function icarusEvents(
  cases: readonly EventCase[],
  events: readonly (readonly InputEvent[])[],
): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-events-'))
  try {
    const parts = cases.map(
      (of, i) => of.text.replace(/\bmodule dut\b/, `module ${of.name}`) + bench(of, events[i]!, i),
    )
    writeFileSync(join(folder, 'all.sv'), parts.join('\n'))
    const tops = cases.flatMap((_, i) => ['-s', `bench${i}`])
    execFileSync('iverilog', ['-g2012', ...tops, '-o', join(folder, 'all.vvp'), join(folder, 'all.sv')])
    const log = execFileSync('vvp', ['-n', join(folder, 'all.vvp')], { encoding: 'utf8', maxBuffer: 1 << 28 })
    const traces: string[][] = cases.map(() => [])
    for (const line of log.split('\n')) {
      const match = /^T(\d+) (.*)$/.exec(line)
      if (match) traces[Number(match[1])]!.push(match[2]!)
    }
    return traces
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function bench(of: EventCase, events: readonly InputEvent[], index: number): string {
  const inputs = [...of.clocks.map((name) => [name, 1] as const), ...Object.entries(of.data)]
  const outputs = Object.entries(of.outputs)
  const declared = [
    ...inputs.map(([name, width]) => `reg [${width - 1}:0] ${name} = 0;`),
    ...outputs.map(([name, width]) => `wire [${width - 1}:0] ${name};`),
  ]
  const pins = [...inputs, ...outputs].map(([name]) => `.${name}(${name})`)
  const show = `$display("T${index} ${outputs.map(() => '%h').join(' ')}", ${outputs.map(([name]) => name).join(', ')});`
  const steps = events.map((event) => {
    const names = Object.keys(event)
    const widths = names.map((name) => inputs.find(([input]) => input === name)![1])
    const values = names.map((name, i) => `${widths[i]}'h${event[name]!.toString(16)}`)
    return `{${names.join(', ')}} = {${values.join(', ')}}; #1 ${show}`
  })
  return `
module bench${index};
  ${declared.join('\n  ')}
  ${of.name} u_dut(${pins.join(', ')});
  initial begin #1;
    ${steps.join('\n    ')}
  end
endmodule`
}
