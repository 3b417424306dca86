import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RandomModule } from './random-module.ts'

/** One input vector per cycle: port name -> value. */
export type Stimulus = readonly Readonly<Record<string, bigint>>[]

/** Whether Icarus Verilog is installed. */
export function haveIcarus(): boolean {
  return spawnSync('iverilog', ['-V']).status === 0
}

/** Runs modules under Icarus; per module and cycle the outputs before and after the clock edge, as hex. */
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
  const width = module.inputs.reduce((sum, port) => sum + port.width, 0)
  const vectors = stimulus.map((cycle) => {
    let vector = 0n
    for (const port of module.inputs) vector = (vector << BigInt(port.width)) | cycle[port.name]!
    return vector.toString(16)
  })
  const file = join(folder, `stimulus${index}.hex`)
  writeFileSync(file, vectors.join('\n'))
  const inputs = module.inputs.map(({ name, width: w }) => `reg [${w - 1}:0] ${name};`)
  const outputs = module.outputs.map(({ name, width: w }) => `wire [${w - 1}:0] ${name};`)
  const connections = ['clk', ...module.inputs.map((p) => p.name), ...module.outputs.map((p) => p.name)]
  const show = `$display("T${index} ${module.outputs.map(() => '%h').join(' ')}", ${module.outputs.map((p) => p.name).join(', ')});`
  return `
module bench${index};
  reg clk = 0;
  integer i;
  reg [${width - 1}:0] vectors [0:${stimulus.length - 1}];
  ${inputs.join('\n  ')}
  ${outputs.join('\n  ')}
  ${module.name} dut(${connections.map((name) => `.${name}(${name})`).join(', ')});
  initial begin
    $readmemh("${file}", vectors);
    for (i = 0; i < ${stimulus.length}; i = i + 1) begin
      {${module.inputs.map((p) => p.name).join(', ')}} = vectors[i];
      #1 ${show}
      clk = 1;
      #1 ${show}
      clk = 0;
      #1;
    end
  end
endmodule`
}
