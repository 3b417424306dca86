import { expect, it } from 'vitest'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'

/** An array with one constant assign per element, as S-boxes are written. */
const array = (
  width: number,
  words: readonly number[],
) => `module box(input [${Math.log2(words.length) - 1}:0] a, output [${width - 1}:0] y);
  wire [${width - 1}:0] words [0:${words.length - 1}];
  ${words.map((word, i) => `assign words[${i}] = ${width}'d${word};`).join('\n  ')}
  assign y = words[a];
endmodule`

/** A sparse case with a default, compared with a constant of another width. */
const sparse = `module box(input signed [5:0] a, output reg [3:0] y);
  wire [3:0] constant [0:2];
  assign constant[0] = 3; assign constant[1] = 9; assign constant[2] = 15;
  always @*
    case (a)
      ${[-32, -7, -1, 0, 1, 2, 9, 17, 30].map((value, i) => `${value}: y = constant[${i % 3}];`).join('\n      ')}
      default: y = 4;
    endcase
endmodule`

async function outputs(text: string, count: number): Promise<number[]> {
  const simulation = new Simulation(
    await compileVerilog('box.sv', { files: { 'box.sv': text }, cache: false }),
  )
  return Array.from({ length: count }, (_, a) => {
    simulation.set('a', a)
    return Number(simulation.get('y'))
  })
}

it('reads a table where all results are constants', async () => {
  const words = Array.from({ length: 256 }, (_, i) => (i * 167 + 13) & 255)
  const design = await compileVerilog('box.sv', { files: { 'box.sv': array(8, words) }, cache: false })
  expect(await outputs(array(8, words), 256)).toEqual(words)
  // the words are in memory, not in code, and no name of Yosys shows
  expect(design.image.some(({ bytes }) => bytes.length === 256)).toBe(true)
  expect(design.wasm.length).toBeLessThan(1000)
  expect(design.memories).toEqual([])
})

it('takes the default for all other values, and negative ones for what they are', async () => {
  const known = new Map([-32, -7, -1, 0, 1, 2, 9, 17, 30].map((value, i) => [value & 63, [3, 9, 15][i % 3]!]))
  expect(await outputs(sparse, 64)).toEqual(Array.from({ length: 64 }, (_, a) => known.get(a) ?? 4))
})
