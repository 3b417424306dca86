import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verilogFiles } from '../../../sim/board/core-sources.ts'
import { registerAddress } from '../../../src/board/registers.ts'
import { frameRegisters, settingsRegisters } from '../../../src/board/settings-registers.ts'
import { Random } from '../../../src/core/random.ts'
import { encodeMacroPixels } from '../../../src/trigger/macro-bytes.ts'
import { macroFrame } from '../../../src/trigger/macro-frame.ts'
import { shippedClassifier } from '../../support/classifier.ts'
import { root } from '../../support/hdl-files.ts'
import { expectedPackets, firstDifference, tally } from '../../support/packets.ts'
import { randomShot, type Shot } from '../../support/shots.ts'
import { cutPackets, icarus } from '../native/native-core.ts'

const files = verilogFiles(`${root}hdl/macro`)

/** One line per step: 1 address value; 2 byte; 3 wait for the packet; 4 the end. */
function steps({ settings, pixels, words, frame, timeTag }: Shot): string[] {
  const macro = macroFrame(pixels, words, settings)
  const hex = (kind: number, address: number, value: number): string =>
    [kind, address.toString(16).padStart(2, '0'), value.toString(16).padStart(8, '0')].join('')
  const writes = [
    ...settingsRegisters(settings),
    ...frameRegisters(frame, timeTag),
    ['clipped_pixels', macro.clippedPixels] as const,
  ]
  return [
    ...writes.map(([name, value]) => hex(1, registerAddress.get(name)!, value)),
    ...Array.from(encodeMacroPixels(macro), (byte) => hex(2, 0, byte)),
    hex(3, 0, 0),
  ]
}

/** Nothing may depend on the state at power-on or on inputs that are not valid: those are x here. */
const bench = (count: number): string => `
module bench;
  reg clk = 0, rst = 1, write = 0, valid = 0, ready = 0;
  reg [15:0] address;
  reg [31:0] data;
  reg [7:0] value;
  reg [43:0] steps [0:${count - 1}];
  wire done, s_ready, m_valid, m_last;
  wire [31:0] unused;
  wire [7:0] m_data;
  integer i, ended = 0, frames = 0;
  macro_core #(.MACRO_SIDE(16), .LABEL_BITS(8), .GAIN_BITS(10)) dut (.clk(clk), .rst(rst), .session(1'b0),
    .reg_valid(write), .reg_write(1'b1), .reg_address(address), .reg_write_data(data), .reg_ready(done),
    .reg_read_data(unused), .s_axis_tvalid(valid), .s_axis_tready(s_ready), .s_axis_tdata(value),
    .m_axis_tvalid(m_valid), .m_axis_tready(ready), .m_axis_tdata(m_data), .m_axis_tlast(m_last));
  always #5 clk = ~clk;
  always @(negedge clk) ready <= $urandom % 4 != 0;
  always @(posedge clk) if (~rst) begin
    if (m_valid === 1'bx || s_ready === 1'bx || done === 1'bx) $display("B xx");
    if (m_valid & ready) begin
      $display("B %h", m_data);
      if (m_last) ended = ended + 1;
    end
  end
  initial begin
    $readmemh("steps.hex", steps);
    repeat (4) @(negedge clk);
    rst = 0;
    for (i = 0; i < ${count}; i = i + 1) begin
      if (steps[i][43:40] == 1) begin
        {address, data, write} = {8'd0, steps[i][39:0], 1'b1};
        @(negedge clk);
        while (!done) @(negedge clk);
        write = 0;
        {address, data} = 48'bx;
        @(negedge clk);
      end else if (steps[i][43:40] == 2) begin
        {valid, value} = {1'b1, steps[i][7:0]};
        #4 while (!s_ready) #10;
        @(negedge clk);
        {valid, value} = {1'b0, 8'bx};
        if ($urandom % 4 == 0) @(negedge clk);
      end else begin
        frames = frames + 1;
        while (ended < frames) @(negedge clk);
        repeat (8) @(negedge clk);
      end
    end
    $finish;
  end
  initial #200000000 begin $display("STUCK"); $finish; end
endmodule
`

function runIcarus(shots: readonly Shot[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-icarus-'))
  try {
    const lines = shots.flatMap(steps)
    writeFileSync(join(folder, 'steps.hex'), lines.join('\n'))
    writeFileSync(join(folder, 'bench.sv'), bench(lines.length))
    const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26 } as const
    execFileSync('iverilog', ['-g2012', '-s', 'bench', '-o', 'bench.vvp', 'bench.sv', ...files], options)
    const text = execFileSync('vvp', ['-n', 'bench.vvp'], options)
    if (text.includes('STUCK')) throw new Error('the bench did not come to its end')
    const found = [...text.matchAll(/^B (\w+)$/gm)].map(([, digits]) => digits!)
    const unknown = found.filter((digits) => !/^[0-9a-f]{2}$/.test(digits))
    expect(unknown, 'bytes with unknown bits').toEqual([])
    return Uint8Array.from(found, (digits) => Number.parseInt(digits, 16))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.skipIf(icarus.skip)(`macro_core in Icarus Verilog${icarus.note}`, () => {
  it('gives the bytes of Datapath for small frames', () => {
    const random = new Random(7)
    const shots = Array.from({ length: 3 }, (_, i) =>
      randomShot(random, i, { columns: 9, rows: 6, exact: true, tiles: false }),
    )
    const expected = expectedPackets(shots, shippedClassifier())
    expect(firstDifference(shots, expected, cutPackets(runIcarus(shots), expected))).toBe('')
    expect(tally(expected).cluster).toBeGreaterThan(1)
  })
})
