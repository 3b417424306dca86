import type { StreamFormat } from '../../hardware/hardware-module.ts'
import { signalFormat } from '../netlist/range-bits.ts'
import type { NodeId, ScalarNetlist } from '../netlist/scalar-netlist.ts'
import { isRom } from '../pipeline/delay.ts'
import { lifetimesOf } from '../pipeline/lifetimes.ts'
import type { Schedule } from '../pipeline/schedule.ts'
import { BitExpressions, type Signal } from './bits.ts'
import { Functions } from './functions.ts'
import { commentText, identifierPart } from './names.ts'
import { nodeExpression } from './node-expression.ts'
import { Usage } from './usage.ts'

export interface ModuleText {
  readonly name: string
  /** What the module computes, for its header; lines without comment marks. */
  readonly title: readonly string[]
  readonly input: StreamFormat
  readonly output: StreamFormat
}

/** A scheduled netlist as one SystemVerilog module. */
export function emitModule(netlist: ScalarNetlist, schedule: Schedule, text: ModuleText): string {
  return new Emitter(netlist, schedule, text).module()
}

class Emitter {
  readonly #netlist: ScalarNetlist
  readonly #schedule: Schedule
  readonly #text: ModuleText
  readonly #usage = new Usage()
  readonly #functions = new Functions()
  readonly #bits: BitExpressions
  readonly #root: Int32Array
  /** Last stage in which each node's value is needed. */
  readonly #last: Int32Array

  constructor(netlist: ScalarNetlist, schedule: Schedule, text: ModuleText) {
    this.#netlist = netlist
    this.#schedule = schedule
    this.#text = text
    this.#bits = new BitExpressions(this.#usage.read)
    const { root, last } = lifetimesOf(netlist, schedule)
    this.#root = root
    this.#last = last
  }

  module(): string {
    const { name, title, input, output } = this.#text
    const { stages } = this.#schedule
    const inputBits = input.lanes * input.bits
    this.#usage.declare('s_axis_tdata', inputBits)
    const byStage: NodeId[][] = Array.from({ length: stages + 1 }, () => [])
    this.#schedule.stageOf.forEach((stage, id) => {
      if (stage >= 0) byStage[stage]!.push(id)
    })
    const alive: NodeId[] = []
    const sections: string[] = []
    for (let stage = 0; stage < stages; stage++) {
      const wires = byStage[stage]!.filter((id) => !isRom(this.#netlist, id)).map((id) =>
        this.#wire(id, stage),
      )
      sections.push(`  // stage ${stage}`, ...wires)
      alive.push(...byStage[stage]!)
      sections.push(...this.#boundary(alive, byStage[stage + 1]!, stage))
    }
    const lanes = this.#netlist.outputs.map((id) =>
      this.#bits.aligned(this.#signal(id, stages), 0, output.bits),
    )
    const shift = stages === 1 ? 's_axis_tvalid' : `{valid[${stages - 2}:0], s_axis_tvalid}`
    return `${[name, ...title].map((line, at) => `//${at === 0 ? '' : '  '} ${commentText(line)}`).join('\n')}
\`default_nettype none
module ${name} (
    input  wire  clk,
    input  wire  rst,
    input  wire  [${inputBits - 1}:0] s_axis_tdata,
    input  wire  s_axis_tvalid,
    output wire  s_axis_tready,
    output wire  [${output.lanes * output.bits - 1}:0] m_axis_tdata,
    output wire  m_axis_tvalid,
    input  wire  m_axis_tready
);
  // The whole pipeline moves, or none of it; without anything in it and nothing to come it sleeps.
  logic [${stages - 1}:0] valid;
  wire advance = m_axis_tready | ~m_axis_tvalid;
  wire awake = advance & (s_axis_tvalid | (|valid));
  assign s_axis_tready = advance;
  assign m_axis_tvalid = valid[${stages - 1}];
  always_ff @(posedge clk)
    if (rst) valid <= '0;
    else if (awake) valid <= ${shift};
${this.#functions.text === '' ? '' : `\n${this.#functions.text}\n`}
${sections.join('\n')}

  assign m_axis_tdata = {
${wrapped(lanes.reverse())}
  };
${this.#sink()}endmodule
\`default_nettype wire
`
  }

  #name(root: NodeId, stage: number): string {
    const delay = stage - this.#schedule.stageOf[root]!
    const base = `${identifierPart(this.#netlist.nodes[root]!.label)}_${root}`
    return delay === 0 ? base : `${base}_d${delay}`
  }

  #signal(id: NodeId, stage: number): Signal {
    const { operation, range } = this.#netlist.nodes[id]!
    const format = signalFormat(range)
    if (operation.kind === 'constant') return { name: '', ...format, constant: operation.value }
    return { name: this.#name(this.#root[id]!, stage), ...format }
  }

  #wire(id: NodeId, stage: number): string {
    const { operation } = this.#netlist.nodes[id]!
    const own = this.#signal(id, stage)
    let expression: string
    if (operation.kind === 'input') {
      const { bits } = this.#text.input
      const word = { name: 's_axis_tdata', bits: this.#text.input.lanes * bits, signed: false, low: 0 }
      // A lane may be wider than its range, never narrower.
      expression = this.#bits.slice(word, operation.lane * bits + own.low, own.bits)
    } else {
      expression = this.#expression(id, stage)
    }
    return `${this.#declared('wire', own)} = ${expression};`
  }

  #expression(id: NodeId, stage: number): string {
    return nodeExpression(
      {
        netlist: this.#netlist,
        signal: (operand) => this.#signal(operand, stage),
        bits: this.#bits,
        functions: this.#functions,
      },
      id,
    )
  }

  #declared(kind: 'wire' | 'logic', { name, bits, signed }: Signal): string {
    this.#usage.declare(name, bits)
    return `  ${kind} ${signed ? 'signed ' : ''}[${bits - 1}:0] ${name}`
  }

  /** The registers between a stage and the next. */
  #boundary(alive: NodeId[], next: readonly NodeId[], stage: number): string[] {
    const declared: string[] = []
    const moves: string[] = []
    for (const id of alive) {
      if (this.#last[id]! <= stage) continue
      const [from, to] = [this.#signal(id, stage), this.#signal(id, stage + 1)]
      declared.push(`${this.#declared('logic', to)};`)
      moves.push(`      ${to.name} <= ${this.#bits.slice(from, 0, from.bits)};`)
    }
    for (const id of next) {
      if (!isRom(this.#netlist, id)) continue
      const own = this.#signal(id, stage + 1)
      declared.push(`${this.#declared('logic', own)};`)
      moves.push(`      ${own.name} <= ${this.#expression(id, stage)};`)
    }
    const kept = alive.filter((id) => this.#last[id]! > stage)
    alive.splice(0, alive.length, ...kept)
    if (moves.length === 0) return []
    return [...declared, '  always_ff @(posedge clk)', '    if (awake) begin', ...moves, '    end']
  }

  /** Names what is never read, for lint. */
  #sink(): string {
    const parts = this.#usage.unread()
    if (parts.length === 0) return ''
    return `\n  wire unused = &{1'b0,\n${wrapped(parts)}\n  };\n`
  }
}

/** A list of expressions in lines of moderate length. */
function wrapped(parts: readonly string[]): string {
  const lines: string[] = []
  let line = ''
  for (const part of parts) {
    if (line.length + part.length > 100) {
      lines.push(line)
      line = ''
    }
    line += `${line === '' ? '      ' : ' '}${part},`
  }
  lines.push(line)
  return lines.join('\n').slice(0, -1)
}
