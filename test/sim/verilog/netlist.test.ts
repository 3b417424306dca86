import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'

function start(text: string): Promise<Dut> {
  return simulate('n.v', { top: 'n', cells: 'ice40', cache: false, files: { 'n.v': text } })
}

describe('a netlist of iCE40 cells', () => {
  it('evaluates look-up tables, also with constant and equal inputs', async () => {
    const random = new Random(1)
    const known = [0, 0xffff, 0x6996, 0x9669, 0x8000, 0xfffe, 0xaaaa, 0x00ff, 0xcaca, 0x7fff, 0x0001]
    const tables = Array.from({ length: 300 }, (_, i) => known[i] ?? random.integer(65536))
    // 0 to 3 are inputs of the module, 4 and 5 the constants
    const pins = tables.map((_, i) => [0, 1, 2, 3].map((pin) => (i < known.length ? pin : random.integer(6))))
    const net = (pin: number): string => (pin < 4 ? `a[${pin}]` : `1'b${pin - 4}`)
    const cells = tables.map(
      (table, i) =>
        `SB_LUT4 #(.LUT_INIT(16'h${table.toString(16)})) l${i} (${pins[i]!.map(
          (pin, at) => `.I${at}(${net(pin)})`,
        ).join(', ')}, .O(q[${i}]));`,
    )
    const dut = await start(
      `module n (input clk, input [3:0] a, output [299:0] q);\n${cells.join('\n')}\nendmodule`,
    )
    for (let a = 0; a < 16; a++) {
      dut.in['a'] = a
      const value = (pin: number): number => (pin < 4 ? (a >> pin) & 1 : pin - 4)
      const expected = tables.reduce((sum, table, i) => {
        const row = pins[i]!.reduce((index, pin, at) => index | (value(pin) << at), 0)
        return sum | (BigInt((table >> row) & 1) << BigInt(i))
      }, 0n)
      expect(dut.out['q']).toBe(expected)
    }
  })

  it('carries', async () => {
    const dut = await start(`module n (input clk, input [2:0] a, output q, output r);
      SB_CARRY c (.I0(a[0]), .I1(a[1]), .CI(a[2]), .CO(q));
      SB_CARRY d (.I0(1'b1), .I1(a[1]), .CI(a[2]), .CO(r));
    endmodule`)
    for (let a = 0; a < 8; a++) {
      dut.in['a'] = a
      const ones = (a & 1) + ((a >> 1) & 1) + (a >> 2)
      expect([dut.out['q'], dut.out['r']]).toEqual([Number(ones > 1), Number((a & 6) !== 0)])
    }
  })

  it('clocks flip-flops with enable, set and reset', async () => {
    const dut = await start(`module n (input clk, input d, input e, input s, output [5:0] q);
      SB_DFF a (.C(clk), .D(d), .Q(q[0]));
      SB_DFFE b (.C(clk), .E(e), .D(d), .Q(q[1]));
      SB_DFFSR c (.C(clk), .R(s), .D(d), .Q(q[2]));
      SB_DFFESR f (.C(clk), .E(e), .R(s), .D(d), .Q(q[3]));
      SB_DFFSS g (.C(clk), .S(s), .D(d), .Q(q[4]));
      SB_DFFESS h (.C(clk), .E(e), .S(s), .D(d), .Q(q[5]));
    endmodule`)
    const random = new Random(2)
    let expected = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 200; i++) {
      const [d, e, s] = [random.integer(2), random.integer(2), random.integer(2)]
      Object.assign(dut.in, { d, e, s })
      await dut.clock()
      const [, b, , f, , h] = expected as [number, number, number, number, number, number]
      const [cleared, set] = s ? [0, 1] : [d, d]
      expected = [d, e ? d : b, cleared, e ? cleared : f, set, e ? set : h]
      expect(dut.out['q']).toBe(expected.reduce((sum, bit, at) => sum | (bit << at), 0))
    }
  })

  it('has memories, tables among them, and multipliers from the models of Yosys', async () => {
    const dut = await start(`module n (input clk, input w, input [7:0] a, input [15:0] d, output [15:0] q,
        output [15:0] t, output [31:0] p);
      SB_RAM40_4K m (.RCLK(clk), .RCLKE(1'b1), .RE(1'b1), .RADDR({3'b0, a}), .RDATA(q),
        .WCLK(clk), .WCLKE(w), .WE(1'b1), .WADDR({3'b0, a}), .MASK(16'h00f0), .WDATA(d));
      SB_RAM40_4K #(.INIT_0(256'h0005_0004_0003_0002_0001)) r (.RCLK(clk), .RCLKE(1'b1), .RE(1'b1),
        .RADDR({3'b0, a}), .RDATA(t), .WCLK(1'b0), .WCLKE(1'b0), .WE(1'b0), .WADDR(11'b0), .MASK(16'b0),
        .WDATA(16'b0));
      SB_MAC16 #(.TOPOUTPUT_SELECT(2'd3), .BOTOUTPUT_SELECT(2'd3)) x (.CLK(clk), .CE(1'b1), .A(d), .B({8'b0, a}),
        .C(16'b0), .D(16'b0), .AHOLD(1'b0), .BHOLD(1'b0), .CHOLD(1'b0), .DHOLD(1'b0), .IRSTTOP(1'b0),
        .IRSTBOT(1'b0), .ORSTTOP(1'b0), .ORSTBOT(1'b0), .OLOADTOP(1'b0), .OLOADBOT(1'b0), .ADDSUBTOP(1'b0),
        .ADDSUBBOT(1'b0), .OHOLDTOP(1'b0), .OHOLDBOT(1'b0), .CI(1'b0), .ACCUMCI(1'b0), .SIGNEXTIN(1'b0), .O(p));
    endmodule`)
    Object.assign(dut.in, { w: 1, a: 3, d: 0xabcd })
    expect(dut.out['p']).toBe(3 * 0xabcd)
    await dut.clock()
    expect([dut.out['q'], dut.out['t']]).toEqual([0, 4])
    dut.in['w'] = 0
    await dut.clock()
    expect(dut.out['q']).toBe(0xab0d)
  })

  it('has clocks of both edges, and asynchronous resets', async () => {
    const dut = await start(`module n (input clk, input c, input r, input d, output p, output q, output s);
      SB_DFF a (.C(clk), .D(d), .Q(p));
      SB_DFFN b (.C(c), .D(p), .Q(q));
      SB_DFFR e (.C(c), .D(p), .R(r), .Q(s));
    endmodule`)
    const seen = [{ d: 1, clk: 1 }, { c: 1 }, { c: 0 }, { r: 1 }].map((event) => {
      for (const [name, value] of Object.entries(event)) dut.simulation.set(name, value)
      dut.simulation.settle()
      return ['p', 'q', 's'].map((name) => dut.simulation.get(name))
    })
    expect(seen).toEqual([
      [1, 0, 0],
      [1, 0, 1],
      [1, 1, 1],
      [1, 1, 0],
    ])
  })

  it('refuses a netlist without the name of its top', async () => {
    await expect(
      simulate('n.v', { cells: 'ice40', cache: false, files: { 'n.v': 'module n; endmodule' } }),
    ).rejects.toMatchObject({ code: 'GG_USAGE' })
  })
})
