import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HardwareModule, streamWidth } from '../../../src/network/hardware/hardware-module.ts'
import { packBeats, unpackBeats } from '../../../src/network/hardware/stream-packing.ts'
import { root } from '../../support/hdl-files.ts'

const library = (module: HardwareModule): string[] =>
  module.library.map((file) => join(root, 'hdl/network', file))

function inFolder<Result>(
  module: HardwareModule,
  work: (folder: string, sources: string[]) => Result,
): Result {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-network-'))
  try {
    for (const [name, text] of module.files) writeFileSync(join(folder, name), text)
    const sources = [...module.files.keys()].filter((name) => name.endsWith('.sv'))
    return work(folder, [...sources, ...library(module)])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What `verilator --lint-only -Wall` says; empty when it has nothing to say. */
export function lint(module: HardwareModule): string {
  return inFolder(module, (folder, sources) => {
    const options = ['--lint-only', '-Wall', '--top-module', module.name, ...sources]
    const run = spawnSync('verilator', options, { cwd: folder, encoding: 'utf8' })
    return run.status === 0 ? run.stderr : run.stderr || 'failed'
  })
}

/**
 * Tensors through a module in Icarus Verilog, with pauses on both sides; tdata is unknown while it is not
 * valid, and so is every register before the reset.
 */
export function runInIcarus(
  module: HardwareModule,
  shapes: { readonly input: readonly number[]; readonly output: readonly number[] },
  tensors: readonly ArrayLike<number>[],
): Float64Array[] {
  const { input, output } = module
  const beats = tensors.flatMap((tensor) => packBeats(input, shapes.input, tensor))
  const count = tensors.length * output.beats
  return inFolder(module, (folder, sources) => {
    writeFileSync(join(folder, 'beats.hex'), beats.map((beat) => beat.toString(16)).join('\n'))
    writeFileSync(join(folder, 'bench.sv'), bench(module, beats.length, count))
    const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26 } as const
    execFileSync('iverilog', ['-g2012', '-s', 'bench', '-o', 'bench.vvp', 'bench.sv', ...sources], options)
    const text = execFileSync('vvp', ['-n', 'bench.vvp'], options)
    const found = [...text.matchAll(/^W (\w+)$/gm)].map(([, digits]) => BigInt(`0x${digits}`))
    if (found.length !== count)
      throw new Error(`${found.length} beats instead of ${count}: ${text.slice(-200)}`)
    return tensors.map((_, t) =>
      unpackBeats(output, shapes.output, found.slice(t * output.beats, (t + 1) * output.beats)),
    )
  })
}

const bench = (module: HardwareModule, beats: number, results: number): string => `
module bench;
  reg clk = 0, rst = 1, s_valid = 0, m_ready = 0;
  reg [${streamWidth(module.input) - 1}:0] beats [0:${beats - 1}];
  reg [${streamWidth(module.input) - 1}:0] s_data;
  wire [${streamWidth(module.output) - 1}:0] m_data;
  wire s_ready, m_valid;
  integer sent = 0, received = 0, clocks = 0;
  ${module.name} dut (.clk(clk), .rst(rst), .s_axis_tdata(s_data), .s_axis_tvalid(s_valid),
    .s_axis_tready(s_ready), .m_axis_tdata(m_data), .m_axis_tvalid(m_valid), .m_axis_tready(m_ready));
  always #5 clk = ~clk;
  initial $readmemh("beats.hex", beats);
  always @(posedge clk) begin
    clocks <= clocks + 1;
    rst <= clocks < 3;
    if (clocks > 200000) begin $display("STUCK"); $finish; end
    if (clocks > 4) begin
      if (s_valid & s_ready) sent = sent + 1;
      if (!s_valid | s_ready) begin
        s_valid <= sent < ${beats} && $urandom % 4 != 0;
        s_data <= 'bx;
      end
      m_ready <= $urandom % 4 != 0;
      if (m_valid & m_ready) begin
        $display("W %h", m_data);
        received = received + 1;
        if (received == ${results}) $finish;
      end
      if (m_valid === 1'bx || s_ready === 1'bx) begin $display("UNKNOWN"); $finish; end
    end
  end
  always @(negedge clk) if (s_valid) s_data <= beats[sent];
endmodule
`
