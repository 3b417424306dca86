import { describe, expect, it } from 'vitest'
import {
  AxiLiteMaster,
  AxiLiteSlave,
  AxiStreamMonitor,
  AxiStreamSink,
  AxiStreamSource,
  simulate,
  UartRx,
  UartTx,
  WishboneMaster,
} from '../../../../../sim/verilog/index.ts'
import { start } from '../start.ts'

const refused = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) })

describe('values and ports that do not fit are refused at once, and nothing is queued', () => {
  it('by a stream', async () => {
    const dut = await start('packet_fifo.sv')
    await dut.applyReset()
    expect(() => new AxiStreamSource(dut, 'm_axis')).toThrow(refused('GG_PORT', 'm_axis_tvalid is an output'))
    expect(() => new AxiStreamSink(dut, 's_axis')).toThrow(refused('GG_PORT', 's_axis_tvalid is an input'))
    const source = new AxiStreamSource(dut, 's_axis')
    const good = { tdata: 1, tlast: 1, tkeep: 15 }
    expect(() => source.sendBeats([good, { ...good, tdata: 2 ** 32 }])).toThrow(
      refused('GG_PORT', '4294967296'),
    )
    expect(() => source.sendBeats([{ tdata: 0.5 }])).toThrow(refused('GG_PORT', '0.5'))
    expect(() => source.send(Uint16Array.of(1, 300, 2, 3))).toThrow(refused('GG_USAGE', 'byte 1'))
    expect(source.pending).toBe(0)
    const sink = new AxiStreamSink(dut, 'm_axis')
    source.send([1, 2, 3])
    expect((await sink.receive()).bytes).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('by AXI4-Lite and Wishbone', async () => {
    const dut = await start('lite_regs.sv')
    const master = new AxiLiteMaster(dut, 's_axil', { limit: 40 })
    await expect(master.write(0, -1)).rejects.toThrow(refused('GG_PORT', '-1'))
    await expect(master.write(1000, 1)).rejects.toThrow(refused('GG_PORT', '1000'))
    await expect(master.read(1000)).rejects.toThrow(refused('GG_PORT', '1000'))
    await expect(master.write(0, 1, { prot: 1 })).rejects.toThrow(refused('GG_PORT', 'no field prot'))
    await master.write(0, 17)
    expect(await master.read(0)).toBe(17)
    expect(() => new AxiLiteSlave(dut, 's_axil')).toThrow(refused('GG_PORT', 'output'))
    const memory = await start('wishbone_memory.sv')
    const wishbone = new WishboneMaster(memory, 'wb', { limit: 40, pipelined: false })
    await expect(wishbone.write(0, 2 ** 40)).rejects.toThrow(refused('GG_PORT', `${2 ** 40}`))
    await expect(wishbone.read(256)).rejects.toThrow(refused('GG_PORT', '256'))
    await expect(wishbone.read(1, { select: 16 })).rejects.toThrow(refused('GG_PORT', '16'))
    await wishbone.write(5, 6)
    expect(await wishbone.read(5)).toBe(6)
  })
})

describe('what comes late is not lost', () => {
  it('a packet after a timeout', async () => {
    const dut = await start('packet_fifo.sv')
    await dut.applyReset()
    const source = new AxiStreamSource(dut, 's_axis')
    const sink = new AxiStreamSink(dut, 'm_axis')
    await expect(sink.receive({ limit: 5 })).rejects.toThrow('packet 0')
    source.send([7])
    source.send([8])
    const [first, second] = await Promise.all([sink.receive({ limit: 50 }), sink.receive({ limit: 50 })])
    expect([first.bytes[0], second.bytes[0]]).toEqual([7, 8])
  })

  it('a character after an error or a timeout, to whoever asked first', async () => {
    const dut = await start('serial_loop.sv')
    const tx = new UartTx(dut, 'rx', { divisor: 4 })
    const rx = new UartRx(dut, 'tx', { divisor: 4 })
    await dut.clock(10)
    await expect(rx.receive(2, { limit: 5 })).rejects.toThrow('2 characters')
    tx.hold(0, 12)
    tx.hold(1, 2)
    await expect(rx.receive(1)).rejects.toThrow('framing')
    tx.send([1, 2, 3])
    expect(await Promise.all([rx.receive(2), rx.receive(1)])).toEqual([[1, 2], [3]])
  })
})

describe('a reset', () => {
  it('breaks no rule of a stream, and what was not taken comes after it', async () => {
    const dut = await start('packet_fifo.sv')
    const source = new AxiStreamSource(dut, 's_axis')
    const sink = new AxiStreamSink(dut, 'm_axis', { stall: 0.9 })
    const monitor = new AxiStreamMonitor(dut, 'm_axis')
    source.send([1, 2, 3])
    await dut.applyReset()
    expect(dut.in['s_axis_tvalid']).toBe(0)
    expect((await sink.receive()).bytes).toEqual(Uint8Array.of(1, 2, 3))
    sink.enabled = false
    source.send([4, 5, 6, 7, 8])
    await dut.until('m_axis_tvalid')
    await dut.clock(3)
    await dut.applyReset()
    sink.enabled = true
    source.send([9])
    expect((await sink.receive()).bytes).toEqual(Uint8Array.of(9))
    expect(monitor.packets.length).toBe(2)
  })

  it('starts a packet anew', async () => {
    const dut = await start('packet_fifo.sv')
    await dut.applyReset()
    const source = new AxiStreamSource(dut, 's_axis')
    const sink = new AxiStreamSink(dut, 'm_axis')
    source.sendBeats([{ tdata: 1, tkeep: 15, tlast: 0 }])
    await source.sent()
    await dut.clock(3)
    dut.reset()
    await dut.applyReset()
    source.send([2])
    expect((await sink.receive()).bytes).toEqual(Uint8Array.of(2))
  })

  it.each(['applied', 'at power-on'])('ends requests in flight with an error: %s', async (kind) => {
    const text = `module dut(input clk, input rst, input wb_cyc_i, input wb_stb_i, input wb_we_i, input [7:0] wb_adr_i,
      output reg wb_ack_o, output [7:0] wb_dat_o); reg [3:0] wait_; initial begin wb_ack_o = 0; wait_ = 0; end
      assign wb_dat_o = wb_adr_i; always @(posedge clk) if (rst) begin wb_ack_o <= 0; wait_ <= 0; end else begin
      wait_ <= wb_cyc_i & wb_stb_i & ~wb_ack_o ? wait_ + 4'd1 : 4'd0; wb_ack_o <= wait_ == 4'd9; end endmodule`
    const slow = await simulate('dut.sv', { files: { 'dut.sv': text } })
    using _ = slow
    const wishbone = new WishboneMaster(slow, 'wb')
    const lost = expect(wishbone.read(3)).rejects.toThrow(refused('GG_BUS', 'a reset'))
    await slow.clock(4)
    if (kind === 'applied') await slow.applyReset()
    else slow.reset()
    await lost
    expect(await wishbone.read(4)).toBe(4)

    const dut = await start('lite_regs.sv')
    const master = new AxiLiteMaster(dut, 's_axil')
    const [first, second] = [master.write(0, 1), master.read(0)]
    await dut.clock(1)
    const ends = Promise.allSettled([first, second])
    dut.scheduler.resetting = kind === 'applied'
    if (kind === 'applied') dut.scheduler.resetting = false
    else dut.reset()
    for (const end of await ends)
      expect(end).toMatchObject({ status: 'rejected', reason: refused('GG_BUS', 'lost in a reset') })
    await master.write(4, 9)
    if (kind === 'at power-on') expect(await master.read(4)).toBe(9)
  })
})

it('agents on another clock wait for their own edges', async () => {
  const text = `module dut(input clk, input aclk, input s_valid, input [7:0] s_data, output s_ready, output reg [7:0] n,
    output reg [7:0] q);
    initial n = 0; assign s_ready = 1; always @(posedge aclk) if (s_valid) q <= s_data; always @(posedge clk) n <= n + 1; endmodule`
  using dut = await simulate('dut.sv', { files: { 'dut.sv': text }, clocks: { clk: 100, aclk: 6 } })
  const source = new AxiStreamSource(dut, 's', { clock: 'aclk' })
  source.sendBeats([{ data: 1 }, { data: 2 }, { data: 3 }])
  await source.sent()
  expect([dut.time, dut.out['q']]).toEqual([18, 3])
})

it('bytes of a packet are data bytes where a stream has tstrb', async () => {
  const text = `module dut(input clk, input s_tvalid, input [15:0] s_tdata, input [1:0] s_tstrb, input [1:0] s_tkeep,
    output reg [3:0] seen); always @(posedge clk) if (s_tvalid) seen <= {s_tkeep, s_tstrb}; endmodule`
  using dut = await simulate('dut.sv', { files: { 'dut.sv': text } })
  const source = new AxiStreamSource(dut, 's')
  for (const [bytes, seen] of [
    [[1], 0b0101],
    [[1, 2], 0b1111],
  ] as const) {
    source.send(bytes)
    await source.sent()
    expect(dut.out['seen']).toBe(seen)
  }
})

it('Wishbone tells a retry from an error', async () => {
  const text = `module dut(input clk, input wb_cyc, input wb_stb, input wb_we, input [3:0] wb_adr, output wb_ack,
    output wb_rty, output wb_err); assign wb_ack = 0; assign wb_rty = wb_stb & wb_adr[0]; assign wb_err = wb_stb & ~wb_adr[0];
    reg unused; always @(posedge clk) unused <= wb_cyc & wb_we; endmodule`
  using dut = await simulate('dut.sv', { files: { 'dut.sv': text } })
  const master = new WishboneMaster(dut, 'wb')
  await expect(master.read(1)).rejects.toThrow(refused('GG_BUS', 'answered with rty'))
  await expect(master.read(2)).rejects.toThrow(refused('GG_BUS', 'answered with err'))
  await expect(master.write(2, 1)).rejects.toThrow(refused('GG_PORT', 'no input wb_dat'))
})
