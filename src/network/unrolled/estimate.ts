import type { Resources } from '../hardware/hardware-module.ts'
import { signalFormat } from './netlist/range-bits.ts'
import { type NodeId, operandsOf, type ScalarNetlist } from './netlist/scalar-netlist.ts'
import { isRom } from './pipeline/delay.ts'
import type { Schedule } from './pipeline/schedule.ts'
import { adderLayout } from './verilog/adder-layout.ts'

/**
 * Estimated logic of a scheduled netlist for six-input LUTs, after `synth_xilinx -family xc7 -nodsp`.
 */
export function estimateResources(netlist: ScalarNetlist, schedule: Schedule): Resources {
  let luts = 2
  let brams = 0
  netlist.nodes.forEach((_, id) => {
    luts += nodeLuts(netlist, id)
    if (isRom(netlist, id)) brams += romBlocks(netlist, id)
  })
  return { luts: Math.round(luts), ffs: registerBits(netlist, schedule), dsps: 0, brams }
}

/** Flip-flops: delay lines and the valid bits. */
export function registerBits(netlist: ScalarNetlist, { stages, stageOf }: Schedule): number {
  const { nodes, outputs } = netlist
  const root = Int32Array.from(nodes, (_, id) => id)
  const last = stageOf.slice()
  const extend = (node: NodeId, stage: number): void => {
    if (stageOf[root[node]!]! >= 0) last[root[node]!] = Math.max(last[root[node]!]!, stage)
  }
  nodes.forEach(({ operation }, id) => {
    if (operation.kind === 'scale') root[id] = root[operation.a]!
    else
      for (const operand of operandsOf(operation)) extend(operand, stageOf[id]! - Number(isRom(netlist, id)))
  })
  for (const output of outputs) extend(output, stages)
  return nodes.reduce(
    (sum, { range }, id) =>
      stageOf[id]! < 0 ? sum : sum + (last[id]! - stageOf[id]!) * signalFormat(range).bits,
    stages,
  )
}

function nodeLuts(netlist: ScalarNetlist, id: NodeId): number {
  const { operation, range } = netlist.nodes[id]!
  const width = (node: NodeId): number => signalFormat(netlist.nodes[node]!.range).bits
  const own = signalFormat(range).bits
  switch (operation.kind) {
    case 'input':
    case 'constant':
    case 'scale':
    case 'floor':
      return 0
    case 'add':
      return adderLayout(netlist, operation, id).chain
    case 'even':
      return 1 + operation.shift / 6
    case 'clamp':
      return own + (width(operation.a) - own) / 5
    case 'at-most':
      return Math.max(1, width(operation.a) / 4)
    case 'greater':
      return Math.max(width(operation.a), width(operation.b)) / 2 + 1
    case 'select':
      return constantOperands(netlist, id) === 2
        ? own / 3
        : constantOperands(netlist, id) === 1
          ? own / 2
          : own
    case 'table':
      return isRom(netlist, id) ? 0 : own * Math.max(0.7, operation.outputs.length / 64)
    case 'significant':
      return own * (1 + (width(operation.a) - operation.bits) / 4)
  }
}

function constantOperands({ nodes }: ScalarNetlist, id: NodeId): number {
  const { operation } = nodes[id]!
  if (operation.kind !== 'select') return 0
  return [operation.yes, operation.no].filter((node) => nodes[node]!.operation.kind === 'constant').length
}

/** Block RAMs of 18 kbit as 1024 x 18. */
function romBlocks(netlist: ScalarNetlist, id: NodeId): number {
  const { operation, range } = netlist.nodes[id]!
  if (operation.kind !== 'table') return 0
  return Math.ceil(operation.outputs.length / 1024) * Math.ceil(signalFormat(range).bits / 18)
}
