import type { IntegerGraph } from '../../network/index.ts'
import { assemble, type Program } from './assembler.ts'
import { symbols } from './memory.ts'
import { networkTable } from './network-table.ts'
import { featureProgram, featureTables } from './program/features.ts'
import { frameProgram } from './program/frame.ts'
import { macroPixelProgram } from './program/macro-pixel.ts'
import { networkProgram } from './program/network.ts'
import { packetProgram } from './program/packet.ts'
import { reportProgram } from './program/report.ts'
import { rootProgram } from './program/root.ts'
import { routineProgram } from './program/routines.ts'
import { rowProgram } from './program/row.ts'
import { runProgram } from './program/run.ts'

/**
 * The program of hdl/macro/cluster_processor.sv: macro-pixels in, the event packet of `Datapath` out.
 * @param graph the classifier, see networkTable
 * @throws GemgateError GG_MODEL_UNSUPPORTED for a network that the program cannot compute
 */
export function clusterProgram(graph: IntegerGraph): Program {
  const parts = [
    frameProgram,
    macroPixelProgram,
    runProgram,
    rowProgram,
    reportProgram,
    rootProgram,
    featureProgram,
    networkProgram,
    packetProgram,
    routineProgram,
  ]
  return assemble(
    parts.join('\n'),
    symbols,
    new Map([...featureTables, ['network.table', networkTable(graph)]]),
  )
}
