import { romAddressBits } from '../lut-model.ts'
import { signalFormat } from '../netlist/range-bits.ts'
import type { NodeId, ScalarNetlist } from '../netlist/scalar-netlist.ts'
import { adderLayout } from '../verilog/adder-layout.ts'

/** Whether a node is a table with its register inside: a block RAM on most FPGAs. */
export function isRom({ nodes }: ScalarNetlist, id: NodeId): boolean {
  const { operation } = nodes[id]!
  return operation.kind === 'table' && signalFormat(nodes[operation.a]!.range).bits >= romAddressBits
}

/** Time through a node in adders; wires take none, a LUT or two half of one. */
export function delayOf(netlist: ScalarNetlist, id: NodeId): number {
  const { operation } = netlist.nodes[id]!
  const bits = (node: NodeId): number => signalFormat(netlist.nodes[node]!.range).bits
  switch (operation.kind) {
    case 'input':
    case 'constant':
    case 'scale':
    case 'floor':
      return 0
    case 'add':
      return adderLayout(netlist, operation, id).chain === 0 ? 0 : 1
    case 'even':
    case 'select':
    case 'clamp':
      return 0.5
    case 'at-most':
      return bits(operation.a) > 12 ? 1 : 0.5
    case 'greater':
      return 1
    case 'table':
      return bits(operation.a) > 8 && !isRom(netlist, id) ? 1 : 0.5
    case 'significant':
      return 2
  }
}
