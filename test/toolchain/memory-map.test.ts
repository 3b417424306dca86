import { readFileSync } from 'node:fs'
import { runYosys } from '@yowasp/yosys'
import { expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { memoryMap } from '../../src/toolchain/ice40-script.ts'
import { root } from '../support/hdl-files.ts'

/** A table of 16, 8, 4 and 2 bits per word, partly undefined, and a memory with two widths of ports. */
const random = new Random(1)
const tables = [16, 8, 4, 2].map((width) => {
  const depth = 4096 / width
  const words = Array.from(
    { length: depth - 5 },
    (_, i) => `m[${i}] = ${width}'d${random.integer(2 ** width)};`,
  )
  return `module t${width} (input clk, input w, input [${Math.log2(depth) - 1}:0] a, input [${width - 1}:0] d, output reg [${width - 1}:0] q);
  reg [${width - 1}:0] m[0:${depth - 1}];
  initial begin ${words.join(' ')} end
  always @(posedge clk) begin if (w) m[a] <= d; q <= m[~a]; end
endmodule`
})

/** One netlist of the tables before mapping, mapped with each of the maps. */
async function mapped(...maps: string[]): Promise<unknown[][]> {
  const files = { 't.v': tables.join('\n'), 'map.v': readFileSync(`${root}${memoryMap}`, 'utf8') }
  const script = [
    'read_verilog t.v',
    'read_verilog -lib +/ice40/cells_sim.v',
    'proc; opt; memory -nomap; opt_clean',
    'memory_libmap -lib +/ice40/brams.txt',
    'design -save unmapped',
    ...maps.flatMap((map, n) => [
      `design -load unmapped; techmap -map ${map}`,
      'ice40_braminit; opt -full; clean',
      `delete =SB_*; write_json ${n}.json`,
    ]),
  ].join('; ')
  const out = await runYosys(['-q', '-p', script], files, { stdout: null, stderr: null })
  return maps.map((_, n) => blockRams(String(out![`${n}.json`])))
}

/** Parameters and connections of every block RAM. */
function blockRams(netlist: string): unknown[] {
  const { modules } = JSON.parse(netlist)
  return [16, 8, 4, 2].map((width) => {
    const cells = Object.values(modules[`t${width}`].cells) as {
      type: string
      parameters: Record<string, string>
      connections: Record<string, unknown[]>
    }[]
    const [ram] = cells.filter(({ type }) => type === 'SB_RAM40_4K')
    const used = Object.entries(ram!.connections).map(([port, bits]) => [port, bits.length])
    const parameters = Object.entries(ram!.parameters).map(([name, bits]) => [
      name,
      /MODE/.test(name) ? bits.slice(-2) : bits,
    ])
    const numbers = new Map<unknown, number>()
    const number = (bit: unknown): unknown =>
      typeof bit === 'string' ? bit : (numbers.get(bit) ?? numbers.set(bit, numbers.size).get(bit))
    const wiring = Object.entries(ram!.connections)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([port, bits]) => [port, bits.map(number)])
    return { width, used, parameters: parameters.sort(), wiring }
  })
}

it('maps block RAMs as the map of Yosys does', async () => {
  const [own, reference] = await mapped('map.v', '+/ice40/brams_map.v')
  expect(own).toHaveLength(4)
  expect(own).toEqual(reference)
})
