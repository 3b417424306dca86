import { beforeAll, describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../../sim/verilog/index.ts'
import '../../../../sim/verilog/vitest/setup.ts'

const text = `module shift(input clk, input signed [7:0] d, output reg signed [7:0] q, output reg [79:0] line);
  reg [7:0] middle = 0;
  initial {q, line} = 0;
  always @(posedge clk) begin middle <= d; q <= middle; line <= {line[71:0], d}; end
endmodule`

/** The message of an expectation that fails. */
async function failure(expectation: () => unknown): Promise<string> {
  try {
    await expectation()
  } catch (error) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal
    return (error as Error).message.replace(/\x1b\[\d+m/g, '')
  }
  throw new Error('it did not fail')
}

describe('matchers', () => {
  let dut: Dut
  beforeAll(async () => {
    dut = await simulate('shift.sv', { cache: false, files: { 'shift.sv': text } })
    dut.in['d'] = -3
    await dut.clock(3)
  })

  it('compare outputs, signed and wide ones, with numbers, bigints and booleans', async () => {
    expect(dut).toOutput({ q: -3, line: 0xfdfdfdn })
    expect(dut).not.toOutput({ q: 253 })
    const message = await failure(() => expect(dut).toOutput({ q: true, line: 5 }))
    expect(message).toContain('expected outputs of shift, in cycle 3:')
    expect(message).toContain('  q     expected 1, received -3')
    expect(message).toContain('  line  expected 5, received 0xfdfdfd (16645629)')
    expect(message).toMatch(/^> line +╶0─+│fd─+│fdfd─+│fdfdfd─/m)
    expect(await failure(() => expect(dut).not.toOutput({ q: -3 }))).toContain(
      'did not expect outputs of shift',
    )
  })

  it('compare registers by name', async () => {
    expect(dut).toHaveRegister('middle', 0xfd)
    const message = await failure(() => expect(dut).toHaveRegister('middle', 1))
    expect(message).toContain('middle  expected 1, received 0xfd (253)')
    expect(message).toMatch(/^> middle/m)
    await expect(failure(() => expect(dut).toHaveRegister('nothing', 1))).resolves.toContain('nothing')
  })

  it('clock until something comes, and no further', async () => {
    dut.in['d'] = 7
    const start = dut.simulation.cycle
    await expect(dut).toReach({ q: 7 })
    expect(dut.simulation.cycle).toBe(start + 2)
    await expect(dut).not.toReach({ q: 8 }, { within: 5 })
    const message = await failure(() => expect(dut).toReach({ q: 8 }, { within: 5 }))
    expect(message).toContain('to reach these outputs within 5 cycles')
  })

  it('say what they need', async () => {
    const wrong = [
      () => expect(dut.out).toOutput({ q: 1 }),
      () => expect(null).toHaveRegister('middle', 1),
      () => expect(undefined).toReach({ q: 1 }),
      () => expect([1, 2]).toGive([1, 2]),
    ]
    for (const expectation of wrong) expect(await failure(expectation)).toMatch(/was given no/)
    expect(await failure(() => expect(dut).toOutput({ nothing: 1 }))).toContain('nothing')
  })
})
