import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { registerAddress } from '../../../src/board/registers.ts'
import { Random } from '../../../src/core/random.ts'
import { shippedClassifier } from '../../support/classifier.ts'
import { coreFiles } from '../../support/hdl-files.ts'
import { expectedPackets, firstDifference, tally } from '../../support/packets.ts'
import { randomShot, type Shot } from '../../support/shots.ts'
import { cutPackets, icarus } from './native-core.ts'
import { stimulus } from './stimulus.ts'

/**
 * The stimulus format of stimulus.ts, read by a bench. Pauses come from $urandom. Icarus has four values: words with
 * unknown bits would show as x, so nothing may depend on the state at power-on.
 */
const bench = (words: number, frames: number): string => `
module bench;
  reg clk = 0, rst = 1, reg_write = 0, valid = 0, ready = 0;
  reg [4:0] address;
  reg [31:0] data;
  reg [47:0] pixel;
  reg [31:0] words [0:${words - 1}];
  wire s_ready, m_valid, m_last;
  wire [31:0] m_data, unused;
  integer at = 0, i, ended = 0, sent;
  gemgate_core dut (.clk(clk), .rst(rst), .reg_write(reg_write), .reg_read(1'b0), .reg_address(address),
    .reg_write_data(data), .reg_read_data(unused), .s_axis_tvalid(valid), .s_axis_tready(s_ready),
    .s_axis_tdata(pixel), .m_axis_tvalid(m_valid), .m_axis_tready(ready), .m_axis_tdata(m_data),
    .m_axis_tlast(m_last));
  always #5 clk = ~clk;
  always @(negedge clk) ready <= $urandom % 4 != 0;
  always @(posedge clk) if (m_valid & ready & ~rst) begin
    $display("W %h", m_data);
    if (m_last) ended = ended + 1;
  end
  initial begin
    $readmemh("stimulus.hex", words);
    repeat (4) @(negedge clk);
    rst = 0;
    for (i = 0; i < ${frames}; i = i + 1) begin
      while (words[at] == 1) begin
        address = words[at + 1]; data = words[at + 2]; reg_write = 1; at = at + 3;
        @(negedge clk);
      end
      reg_write = 0;
      @(negedge clk);
      sent = 0;
      while (sent < words[at + 1]) begin
        valid = $urandom % 4 != 0;
        pixel = valid ? {words[at + 2 + 2 * sent], words[at + 3 + 2 * sent][15:0]} : 48'bx;
        #4 if (valid & s_ready) sent = sent + 1;
        @(negedge clk);
      end
      valid = 0;
      at = at + 2 + 2 * words[at + 1];
      while (ended <= i) @(negedge clk);
    end
    $finish;
  end
  initial #20000000 begin $display("STUCK"); $finish; end
endmodule
`

function runIcarus(shots: readonly Shot[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-icarus-'))
  try {
    const words = stimulus(shots)
    writeFileSync(join(folder, 'stimulus.hex'), [...words].map((word) => word.toString(16)).join('\n'))
    writeFileSync(join(folder, 'bench.sv'), bench(words.length, shots.length))
    const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26 } as const
    execFileSync('iverilog', ['-g2012', '-s', 'bench', '-o', 'bench.vvp', 'bench.sv', ...coreFiles], options)
    const text = execFileSync('vvp', ['-n', 'bench.vvp'], options)
    if (text.includes('STUCK')) throw new Error('the bench did not come to its end')
    const found = [...text.matchAll(/^W (\w+)$/gm)].map(([, digits]) => digits!)
    const unknown = found.filter((digits) => !/^[0-9a-f]{8}$/.test(digits))
    expect(unknown, 'words with unknown bits').toEqual([])
    return new Uint8Array(Uint32Array.from(found, (digits) => Number.parseInt(digits, 16)).buffer)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.skipIf(icarus.skip)(`the Verilog in Icarus Verilog${icarus.note}`, () => {
  it('gives the bytes of Datapath for small frames of every binning, with and without tiles', () => {
    expect(registerAddress.size, 'addresses of 5 bits in the bench').toBeLessThanOrEqual(32)
    const random = new Random(1)
    const shots = ([1, 2, 4, 1, 2, 4] as const).map((binning, i) =>
      randomShot(random, i, { columns: 14, rows: 10, binning, exact: true, tiles: i % 2 === 0 }),
    )
    const expected = expectedPackets(shots, shippedClassifier())
    expect(firstDifference(shots, expected, cutPackets(runIcarus(shots), expected))).toBe('')
    expect(tally(expected).cluster).toBeGreaterThan(3)
  })
})
