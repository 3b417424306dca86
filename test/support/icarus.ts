import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether Icarus Verilog is on the path. */
export const icarusInstalled = spawnSync('iverilog', ['-V']).status === 0

export interface BenchResult {
  /** Every transfer on m_axis, as hexadecimal digits. */
  readonly outputs: readonly string[]
  /** Clocks from each input handshake to m_axis_tvalid. */
  readonly latencies: readonly number[]
}

/**
 * Runs a module with s_axis and m_axis ports in Icarus Verilog. A vector is interrupted by a reset first;
 * s_axis_tdata is unknown whenever s_axis_tvalid is low.
 * @param vectors hexadecimal s_axis_tdata
 * @param stall 0: always valid and ready; else both pause with probability stall/256
 * @throws Error when the module is stuck, breaks the handshake or does not compile
 */
export function runIcarus(
  files: Readonly<Record<string, string>>,
  top: string,
  bits: readonly [number, number],
  vectors: readonly string[],
  stall: number,
): BenchResult {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-icarus-'))
  try {
    const sources = { ...files, 'bench.sv': bench(top, bits, vectors.length, stall) }
    for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, 'vectors.hex'), vectors.join('\n'))
    const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe' } as const
    execFileSync('iverilog', ['-g2012', '-o', 'bench.vvp', '-s', 'bench', ...Object.keys(sources)], options)
    const text = execFileSync('vvp', ['-n', 'bench.vvp'], { ...options, maxBuffer: 1 << 26 })
    const problem = /ERROR.*/.exec(text)
    if (problem !== null) throw new Error(problem[0])
    const lines = [...text.matchAll(/^OUT (\w+) (\d+)$/gm)]
    return { outputs: lines.map((line) => line[1]!), latencies: lines.map((line) => Number(line[2])) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function bench(top: string, bits: readonly [number, number], count: number, stall: number): string {
  return `module bench;
  reg clk = 0;
  reg rst = 1;
  reg [${bits[0] - 1}:0] vectors [0:${count - 1}];
  reg [${bits[0] - 1}:0] s_tdata;
  reg s_tvalid = 0;
  reg m_tready = 0;
  wire s_tready, m_tvalid;
  wire [${bits[1] - 1}:0] m_tdata;
  reg [${bits[1] - 1}:0] held;
  reg was_stalled = 0;
  reg counting = 0;
  reg was_valid = 0;
  integer clocks = 0, idle = 0, sent = 0, received = 0, phase = 0, taken = 0, latency = 0, seed = 1;
  always #5 clk = ~clk;
  initial $readmemh("vectors.hex", vectors);
  ${top} dut (.clk(clk), .rst(rst), .s_axis_tdata(s_tdata), .s_axis_tvalid(s_tvalid),
    .s_axis_tready(s_tready), .m_axis_tdata(m_tdata), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready));
  function pause(input integer dummy);
    pause = ($random(seed) & 255) < ${stall};
  endfunction
  always @(posedge clk) begin
    clocks <= clocks + 1;
    idle <= idle + 1;
    if (idle > 500000) begin $display("ERROR stuck after %0d outputs", received); $finish; end
    // A first vector, interrupted by a reset.
    rst <= clocks < 4 || clocks == 60;
    if (clocks < 62) begin
      s_tvalid <= clocks > 5;
      s_tdata <= vectors[0];
      phase <= 1;
      if (clocks == 61) s_tvalid <= 0;
    end else begin
      if (s_tvalid & s_tready) begin
        sent = sent + 1;
        taken = clocks;
        idle <= 0;
      end
      if (!s_tvalid | s_tready) begin
        s_tvalid <= 0;
        s_tdata <= 'bx;
        if (sent < ${count} && !pause(0)) begin
          s_tvalid <= 1;
          s_tdata <= vectors[sent];
        end
      end
      m_tready <= !pause(0);
      if (m_tvalid & !was_valid) latency = clocks - taken;
      if (was_stalled && (!m_tvalid || m_tdata !== held)) $display("ERROR output changed while stalled");
      if (m_tvalid & m_tready) begin
        $display("OUT %h %0d", m_tdata, latency);
        received = received + 1;
        idle <= 0;
        if (received == ${count}) $finish;
      end
      was_valid <= m_tvalid & !m_tready;
      was_stalled <= m_tvalid & !m_tready;
      held <= m_tdata;
      if (m_tvalid === 1'bx || s_tready === 1'bx) $display("ERROR unknown handshake");
    end
  end
endmodule
`
}
