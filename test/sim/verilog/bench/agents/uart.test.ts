import { describe, expect, it } from 'vitest'
import { UartRx, UartTx } from '../../../../../sim/verilog/index.ts'
import { start } from '../start.ts'

const text = (line: string) => [...Buffer.from(line)]

describe('UART agents', () => {
  it('talk to the receiver and the transmitter of the link', async () => {
    const DIVISOR = 8
    const receiver = await start('hdl/link/uart_rx.sv', { parameters: { DIVISOR } })
    await receiver.applyReset()
    const got: number[] = []
    receiver.process({
      drive: () => receiver.out['m_valid'] === 1 && got.push(Number(receiver.out['m_data'])),
    })
    const tx = new UartTx(receiver, 'rx', { divisor: DIVISOR })
    tx.hold(1, 3)
    tx.send(text('beam on'))
    await tx.sent()
    await receiver.clock(DIVISOR)
    expect(got).toEqual(text('beam on'))
    let framingErrors = 0
    receiver.process({ drive: () => (framingErrors += Number(receiver.out['framing_error'])) })
    tx.hold(0, 12)
    tx.hold(1, 2)
    await tx.sent()
    expect([framingErrors, got.length]).toEqual([1, 7])

    const sender = await start('hdl/link/uart_tx.sv', { parameters: { DIVISOR } })
    await sender.applyReset()
    const rx = new UartRx(sender, 'tx', { divisor: DIVISOR })
    sender.stream({ source: 's', items: text('Hello'), drain: 200 })
    expect(await rx.receive(5)).toEqual(text('Hello'))
    expect(rx.errors).toEqual([])
  })

  it.each([
    { divisor: 4 },
    { divisor: 5.3, parity: 'even', stop: 2 },
    { divisor: 16, parity: 'odd', bits: 7, stop: 1.5 },
  ] as const)('agree with each other: %o', async (options) => {
    const dut = await start('serial_loop.sv')
    const tx = new UartTx(dut, 'rx', options)
    const rx = new UartRx(dut, 'tx', options)
    await dut.clock(10)
    tx.send(text('Track 7~'))
    expect(await rx.receive(8, { limit: 2000 })).toEqual(text('Track 7~'))
    await tx.sent()
    expect([rx.errors, rx.characters.length]).toEqual([[], 8])
  })

  it('report parity and framing errors', async () => {
    const dut = await start('serial_loop.sv')
    const tx = new UartTx(dut, 'rx', { divisor: 6, parity: 'odd' })
    const rx = new UartRx(dut, 'tx', { divisor: 6, parity: 'even' })
    await dut.clock(10)
    tx.send([0x41])
    await expect(rx.receive(1)).rejects.toThrow(
      expect.objectContaining({
        code: 'GG_BUS',
        message: expect.stringMatching(/^parity error on tx at time \d+: character 0, 0x41$/),
      }),
    )
    tx.hold(0, 14)
    await expect(rx.receive(1)).rejects.toThrow(/^framing error/)
    await tx.sent()
    await dut.clock(10)
    expect(rx.errors.map(({ kind }) => kind)).toEqual(['parity', 'framing'])
    await expect(rx.receive(1, { limit: 100 })).rejects.toThrow(
      expect.objectContaining({ code: 'GG_SIM_TIMEOUT' }),
    )
    expect(() => tx.send([256])).toThrow('no character of 8 bits')
    expect(() => new UartTx(dut, 'tx', { divisor: 6 })).toThrow('tx is an output')
  })
})
