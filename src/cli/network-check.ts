import { Command } from 'commander'
import { GemgateError } from '../core/errors.ts'
import { planHardware } from '../network/compile.ts'
import type { IntegerGraph } from '../network/graph/integer-graph.ts'
import { checkNetwork, importNetwork, type NodeVerdict } from '../network/import/index.ts'
import {
  type ImportChoice,
  importOptions,
  inputOption,
  oracleOption,
  readModelFile,
} from './network-options.ts'
import { jsonOption } from './options.ts'
import { type Output, perform } from './output.ts'

interface CheckOptions extends ImportChoice {
  readonly json: boolean
}

export function networkCheckCommand(): Command {
  return new Command('check')
    .description('would it compile, is it exact and why, which nodes not and what to do')
    .argument('<model>', 'ONNX file')
    .addOption(oracleOption())
    .addOption(inputOption())
    .addOption(jsonOption())
    .action((model: string, options: CheckOptions) =>
      perform(options.json === true, (output) => check(model, options, output)),
    )
}

async function check(path: string, options: CheckOptions, output: Output): Promise<void> {
  const model = await readModelFile(path)
  const verdict = checkNetwork(model, importOptions(options))
  const hardware = verdict.ok
    ? hardwareVerdict(importNetwork(model, importOptions(options)).graph)
    : undefined
  for (const node of verdict.nodes) output.text(verdictLine(node))
  const refused = verdict.nodes.filter((node) => node.verdict === 'refused').length
  output.text(
    verdict.ok
      ? `${path}: exact, class ${verdict.class}, equal to the oracle '${verdict.oracle}'`
      : `${path}: ${refused} of ${verdict.nodes.length} nodes cannot be exact under the oracle '${verdict.oracle}'`,
  )
  if (hardware?.ok === true)
    output.text(
      `hardware: ${hardware.layers.map(({ name, architecture }) => `${name} ${architecture}`).join(', ')}`,
    )
  if (hardware?.ok === false) output.text(`hardware: ${hardware.code} ${hardware.reason}. ${hardware.remedy}`)
  output.result({ ...verdict, ...(hardware === undefined ? {} : { hardware }) })
  if (!verdict.ok || hardware?.ok === false) process.exitCode = 1
}

/** Whether logic can be made of an exact graph, and in which architectures by default. */
function hardwareVerdict(graph: IntegerGraph) {
  try {
    const { layers, architectures } = planHardware(graph)
    const chosen = layers.map(({ name }, k) => ({ name, architecture: architectures[k]! }))
    return { ok: true, layers: chosen } as const
  } catch (error) {
    if (!(error instanceof GemgateError)) throw error
    return { ok: false, code: error.code, reason: error.message, remedy: error.remedy } as const
  }
}

function verdictLine({
  node,
  operator,
  verdict,
  class: certificateClass,
  code,
  reason,
  remedy,
}: NodeVerdict): string {
  if (verdict === 'exact') return `  exact ${certificateClass ?? ''}  ${operator} '${node}': ${reason}`
  if (verdict === 'skipped') return `  skipped  ${operator} '${node}': ${reason}`
  const what = reason.replace(/^node '[^']*' \([^)]*\): /, '')
  return `  refused  ${operator} '${node}': ${code ?? ''} ${what}. ${remedy ?? ''}`
}
