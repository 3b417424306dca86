import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Dut, simulate, type VerilogOptions } from '../../../sim/verilog/index.ts'

function start(text: string, options: VerilogOptions = {}): Promise<Dut> {
  return simulate('dut.sv', { ...options, cache: false, files: { 'dut.sv': text, ...options.files } })
}

describe('memories', () => {
  it('a registered read returns the word from before a write in the same clock', async () => {
    const dut = await start(`
      module dut(input clk, input we, input [3:0] a, input [7:0] d, output reg [7:0] q, output [7:0] direct);
        reg [7:0] m [0:15];
        assign direct = m[a];
        always @(posedge clk) begin if (we) m[a] <= d; q <= m[a]; end
      endmodule`)
    dut.in['a'] = 5
    dut.in['d'] = 77
    dut.in['we'] = 1
    expect(dut.out['direct']).toBe(0)
    await dut.clock()
    expect([dut.out['q'], dut.out['direct']]).toEqual([0, 77])
    await dut.clock()
    expect(dut.out['q']).toBe(77)
    expect(dut.simulation.peekMemory('m', 5)).toBe(77)
  })

  it('of two writes to one word the later statement wins, and lanes merge', async () => {
    const dut = await start(`
      module dut(input clk, input x, input y, input z, input [1:0] a, input [1:0] b, output [31:0] q);
        reg [31:0] m [0:3];
        assign q = m[a];
        always @(posedge clk) begin
          if (x) m[a] <= 32'h11111111;
          if (y) m[b][15:8] <= 8'h22;
          if (z) m[b][31:16] <= 16'h3333;
        end
      endmodule`)
    Object.assign(dut.in, { x: 1, y: 1, z: 1, a: 2, b: 2 })
    await dut.clock()
    expect(dut.out['q']).toBe(0x33332211)
    Object.assign(dut.in, { x: 1, y: 0, z: 0 })
    await dut.clock()
    expect(dut.out['q']).toBe(0x11111111)
    Object.assign(dut.in, { x: 0, y: 1, z: 0 })
    await dut.clock()
    expect(dut.out['q']).toBe(0x11112211)
  })

  it('two memories swap words, also under enables', async () => {
    const dut = await start(`
      module dut(input clk, input swap, input load, input [2:0] a, input [7:0] d, output [7:0] p, output [7:0] q);
        reg [7:0] m [0:7];
        reg [7:0] n [0:7];
        assign p = m[a];
        assign q = n[a];
        always @(posedge clk) begin
          if (load) begin m[a] <= d; n[a] <= ~d; end
          if (swap) m[a] <= n[a];
          if (swap) n[a] <= m[a];
        end
      endmodule`)
    Object.assign(dut.in, { load: 1, d: 0x35, a: 6 })
    await dut.clock()
    Object.assign(dut.in, { load: 0, swap: 1 })
    for (let i = 0; i < 4; i++) {
      expect([dut.out['p'], dut.out['q']]).toEqual(i % 2 === 0 ? [0x35, 0xca] : [0xca, 0x35])
      await dut.clock()
    }
  })

  it('takes initial values, $readmemh from a file and from a computed name', async () => {
    const text = `
      module dut #(parameter NAME = "b.hex") (input clk, input [1:0] a, output [15:0] p, output [15:0] q, output [15:0] r);
        reg [15:0] m [0:3];
        reg [15:0] n [0:3];
        reg [15:0] o [0:3];
        integer i;
        initial begin
          for (i = 0; i < 4; i = i + 1) m[i] = 100 * i + 1;
          $readmemh("a.hex", n);
          $readmemh(NAME, o);
        end
        assign p = m[a];
        assign q = n[a];
        assign r = o[a];
      endmodule`
    const dut = await start(text, { files: { 'a.hex': '1 2 a0 ffff', 'b.hex': '@2 beef\n' } })
    const words = [0, 1, 2, 3].map((a) => {
      dut.in['a'] = a
      return [dut.out['p'], dut.out['q'], dut.out['r']]
    })
    expect(words).toEqual([
      [1, 1, 0],
      [101, 2, 0],
      [201, 0xa0, 0xbeef],
      [301, 0xffff, 0],
    ])
  })

  it.each([1, 7, 16, 31, 33, 64, 72, 200])(
    'is an array of %i-bit words, with an odd size and an offset',
    async (width) => {
      const dut = await start(`
      module dut(input clk, input we, input [4:0] a, input [4:0] b, input [${width - 1}:0] d, output [${width - 1}:0] q);
        reg [${width - 1}:0] m [3:13];
        assign q = m[b];
        always @(posedge clk) if (we) m[a] <= d;
      endmodule`)
      const model = new Map<number, bigint>()
      const address = fc.integer({ min: 0, max: 31 })
      const command = fc.tuple(fc.boolean(), address, address, fc.bigInt(0n, (1n << BigInt(width)) - 1n))
      fc.assert(
        fc.property(fc.array(command, { minLength: 5, maxLength: 40 }), (commands) => {
          for (const [we, a, b, d] of commands) {
            Object.assign(dut.in, { we: Number(we), a, b, d })
            dut.simulation.step()
            if (we && a >= 3 && a <= 13) model.set(a, d)
            // words outside the memory read as 0 and take no writes
            expect(BigInt(dut.out['q']!)).toBe(model.get(b) ?? 0n)
          }
        }),
        { numRuns: 40, seed: width },
      )
    },
  )
})

describe('order of registers', () => {
  it('a ring of registers rotates, whatever the order of statements and enables', async () => {
    const dut = await start(`
      module dut(input clk, input e0, input e1, input e2, output reg [7:0] a, output reg [7:0] b, output reg [7:0] c, output reg [7:0] d);
        initial begin a = 1; b = 2; c = 3; d = 4; end
        always @(posedge clk) begin
          if (e0) begin a <= d; c <= b; end
          if (e1) b <= a;
          if (e2) d <= c;
        end
      endmodule`)
    let [a, b, c, d] = [1, 2, 3, 4]
    for (let i = 0; i < 64; i++) {
      const [e0, e1, e2] = [i & 1, (i >> 1) & 1, (i >> 2) & 1]
      Object.assign(dut.in, { e0, e1, e2 })
      await dut.clock()
      ;[a, b, c, d] = [e0 ? d : a, e1 ? a : b, e0 ? b : c, e2 ? c : d]
      expect([dut.out['a'], dut.out['b'], dut.out['c'], dut.out['d']]).toEqual([a, b, c, d])
    }
  })
})
