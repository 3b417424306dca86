import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RandomModule, RandomPort } from '../../../bench/conformance/random-module.ts'

/** One vector of all inputs, clocks included, per moment: port name -> value. */
export type Stimulus = readonly Readonly<Record<string, bigint>>[]

/** The inputs of a module, clocks first. */
export function allInputs(module: RandomModule): RandomPort[] {
  return [...module.clocks.map((name) => ({ name, width: 1 })), ...module.inputs]
}

/** Whether Icarus Verilog is installed. */
export function haveIcarus(): boolean {
  return spawnSync('iverilog', ['-V']).status === 0
}

/** Whether Verilator and a C++ compiler are installed. */
export function haveVerilator(): boolean {
  return ['verilator', 'g++'].every((program) => spawnSync(program, ['--version']).status === 0)
}

/** Runs modules under Icarus; per module and moment all outputs, as hex. */
export function runIcarus(modules: readonly RandomModule[], stimuli: readonly Stimulus[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-icarus-'))
  try {
    const benches = modules.map((module, i) => bench(module, stimuli[i]!, i, folder))
    writeFileSync(join(folder, 'all.sv'), [...modules.map(({ text }) => text), ...benches].join('\n'))
    const tops = modules.flatMap((_, i) => ['-s', `bench${i}`])
    execFileSync('iverilog', ['-g2012', ...tops, '-o', join(folder, 'all.vvp'), join(folder, 'all.sv')])
    const log = execFileSync('vvp', ['-n', join(folder, 'all.vvp')], { encoding: 'utf8', maxBuffer: 1 << 28 })
    const traces: string[][] = modules.map(() => [])
    for (const line of log.split('\n')) {
      const match = /^T(\d+) (.*)$/.exec(line)
      if (match) traces[Number(match[1])]!.push(match[2]!)
    }
    return traces
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function bench(module: RandomModule, stimulus: Stimulus, index: number, folder: string): string {
  const inputs = allInputs(module)
  const width = inputs.reduce((sum, port) => sum + port.width, 0)
  const vectors = stimulus.map((moment) => {
    let vector = 0n
    for (const port of inputs) vector = (vector << BigInt(port.width)) | moment[port.name]!
    return vector.toString(16)
  })
  const file = join(folder, `stimulus${index}.hex`)
  writeFileSync(file, vectors.join('\n'))
  const names = (ports: readonly RandomPort[]) => ports.map(({ name }) => name)
  const connections = names([...inputs, ...module.outputs]).map((name) => `.${name}(${name})`)
  return `
module bench${index};
  integer i;
  reg [${width - 1}:0] vectors [0:${stimulus.length - 1}];
  ${inputs.map(({ name, width: w }) => `reg [${w - 1}:0] ${name} = 0;`).join('\n  ')}
  ${module.outputs.map(({ name, width: w }) => `wire [${w - 1}:0] ${name};`).join('\n  ')}
  ${module.name} dut(${connections.join(', ')});
  initial begin
    $readmemh("${file}", vectors);
    #1;
    for (i = 0; i < ${stimulus.length}; i = i + 1) begin
      {${names(inputs).join(', ')}} = vectors[i];
      #1 $display("T${index} ${module.outputs.map(() => '%h').join(' ')}", ${names(module.outputs).join(', ')});
    end
  end
endmodule`
}
