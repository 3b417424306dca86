import { describe, expect, test } from 'vitest'
import { type Family, families, synthesize } from '../../src/toolchain/synthesize.ts'

const files = new Map([
  [
    'mac.sv',
    `module mac (input wire clk, input wire [7:0] x, input wire [7:0] y, output logic [15:0] q);
  always_ff @(posedge clk) q <= 16'(x) * 16'(y);
endmodule
`,
  ],
])

describe.each(Object.keys(families) as Family[])('%s', (family) => {
  test('counts registers and a multiplier', async () => {
    const count = await synthesize(files, 'mac', family)
    expect(count.dsps).toBe(1)
    expect(count.brams).toBe(0)
    // The register may move into the multiplier block.
    expect(count.ffs === 0 || count.ffs === 16).toBe(true)
  })
})

test('without multiplier blocks it takes LUTs', async () => {
  const count = await synthesize(files, 'mac', 'xc7', { flags: '-nodsp' })
  expect(count.dsps).toBe(0)
  expect(count.luts).toBeGreaterThan(50)
  expect(count.ffs).toBe(16)
})

test('a source that Yosys refuses is a typed error', async () => {
  await expect(synthesize(new Map([['bad.sv', 'module bad (']]), 'bad', 'xc7')).rejects.toMatchObject({
    code: 'GG_VERILOG_PARSE',
  })
})
