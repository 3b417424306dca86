import { describe, expect, it } from 'vitest'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'

/** One stage of lanes: what each lane computes from the stage before, a shared input and its own constant. */
interface Stage {
  readonly operation: string
  readonly constants: readonly bigint[]
  /** Which lane of the stage before is the second operand. */
  readonly turn: number
  readonly held: boolean
  /** A lane that does something else. */
  readonly odd: number
}

interface Lanes {
  readonly count: number
  readonly width: number
  readonly stages: readonly Stage[]
}

const operations: Readonly<
  Record<string, (a: bigint, b: bigint, x: bigint, c: bigint, own: bigint) => bigint>
> = {
  'a + b': (a, b) => a + b,
  'a - b + c': (a, b, _, c) => a - b + c,
  'x * c': (_, __, x, c) => x * c,
  'a * c + own': (a, _, __, c, own) => a * c + own,
  '(a & c) ^ (b | x)': (a, b, x, c) => (a & c) ^ (b | x),
  'own ^ (a << 3)': (a, _, __, ___, own) => own ^ (a << 3n),
  '(a >> 2) + x': (a, _, x) => (a >> 2n) + x,
  a: (a) => a,
}

function randomLanes(seed: number): Lanes {
  const source = new Random(seed)
  const random = () => source.uniform()
  const below = (limit: number) => Math.floor(random() * limit)
  const count = 4 + below(10)
  const width = 3 + below(30)
  const names = Object.keys(operations)
  const stages = Array.from({ length: 3 + below(4) }, () => ({
    operation: names[below(names.length)]!,
    // small ones too: products with 0, 1 and powers of two take other forms
    constants: Array.from({ length: count }, () =>
      BigInt.asUintN(width, BigInt(random() < 0.5 ? below(5) : below(2 ** 31))),
    ),
    turn: below(count),
    held: random() < 0.4,
    odd: random() < 0.5 ? below(count) : -1,
  }))
  return { count, width, stages }
}

function verilog({ count, width, stages }: Lanes): string {
  const range = `[${width - 1}:0]`
  const lines: string[] = []
  const name = (stage: number, lane: number) => `s${stage}_${lane}`
  for (const [k, stage] of stages.entries())
    for (let i = 0; i < count; i++) {
      const [a, b] = k === 0 ? ['x', 'y'] : [name(k - 1, i), name(k - 1, (i + stage.turn) % count)]
      const own = name(k, i)
      const value =
        i === stage.odd
          ? `~${a}`
          : stage.operation
              .replace(/\bown\b/g, own)
              .replace(/\ba\b/g, a)
              .replace(/\bb\b/g, b)
              .replace(/\bc\b/g, `${width}'d${stage.constants[i]}`)
      lines.push(`  reg ${range} ${own} = ${width}'d${stage.constants[i]};`)
      lines.push(`  always @(posedge clk) ${stage.held ? 'if (en) ' : ''}${own} <= ${value};`)
    }
  const last = Array.from({ length: count }, (_, i) => name(stages.length - 1, i))
  return `module lanes(input clk, input en, input ${range} x, input ${range} y, output [${width * count - 1}:0] q);
${lines.join('\n')}
  assign q = {${last.reverse().join(', ')}};
endmodule`
}

class Model {
  readonly #lanes: Lanes
  #state: bigint[][]

  constructor(lanes: Lanes) {
    this.#lanes = lanes
    this.#state = lanes.stages.map(({ constants }) => [...constants])
  }

  step(en: boolean, x: bigint, y: bigint): void {
    const { count, width, stages } = this.#lanes
    const old = this.#state
    this.#state = stages.map((stage, k) =>
      Array.from({ length: count }, (_, i) => {
        const own = old[k]![i]!
        if (stage.held && !en) return own
        const a = k === 0 ? x : old[k - 1]![i]!
        const b = k === 0 ? y : old[k - 1]![(i + stage.turn) % count]!
        const value = i === stage.odd ? ~a : operations[stage.operation]!(a, b, x, stage.constants[i]!, own)
        return BigInt.asUintN(width, value)
      }),
    )
  }

  get q(): bigint {
    return this.#state.at(-1)!.reduce((sum, value, i) => sum | (value << BigInt(i * this.#lanes.width)), 0n)
  }
}

/** How often the code stores a vector: the prefix of vector instructions, then v128.store. */
function vectorStores(wasm: Uint8Array): number {
  let count = 0
  for (let i = 0; i + 1 < wasm.length; i++) if (wasm[i] === 0xfd && wasm[i + 1] === 0x0b) count++
  return count
}

async function run(lanes: Lanes, gateThreshold: number | undefined): Promise<number> {
  const options = gateThreshold === undefined ? {} : { gateThreshold }
  const files = { 'lanes.sv': verilog(lanes) }
  const design = await compileVerilog('lanes.sv', { files, cache: false, ...options })
  const simulation = new Simulation(design)
  const model = new Model(lanes)
  const source = new Random(5)
  const random = () => source.uniform()
  const word = () => BigInt.asUintN(lanes.width, BigInt(Math.floor(random() * 2 ** 32)))
  for (let cycle = 0; cycle < 40; cycle++) {
    const [en, x, y] = [random() < 0.6, word(), word()]
    simulation.set('en', Number(en))
    simulation.set('x', x)
    simulation.set('y', y)
    simulation.step()
    model.step(en, x, y)
    expect(BigInt(simulation.get('q')), `cycle ${cycle} of\n${verilog(lanes)}`).toBe(model.q)
  }
  return vectorStores(design.wasm)
}

describe('registers that are computed alike', () => {
  it('share vector instructions and keep their values', async () => {
    let vectors = 0
    for (let seed = 1; seed <= 9; seed++)
      vectors += await run(randomLanes(seed), [undefined, 0, Number.POSITIVE_INFINITY][seed % 3])
    expect(vectors).toBeGreaterThan(9)
  })

  it('are joined four by four where all do the same', async () => {
    const stage = { operation: 'a + b', constants: new Array(8).fill(7n), turn: 0, held: false, odd: -1 }
    const product = { ...stage, operation: 'x * c', constants: [3n, 5n, 1n, 2n, 9n, 11n, 4n, 13n] }
    expect(await run({ count: 8, width: 24, stages: [product, stage, stage] }, undefined)).toBe(6)
  })
})
