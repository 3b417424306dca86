import { Command } from 'commander'
import { checkNetwork, type NodeVerdict } from '../network/import/index.ts'
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
  const verdict = checkNetwork(await readModelFile(path), importOptions(options))
  for (const node of verdict.nodes) output.text(verdictLine(node))
  const refused = verdict.nodes.filter((node) => node.verdict === 'refused').length
  output.text(
    verdict.ok
      ? `${path}: exact, class ${verdict.class}, equal to the oracle '${verdict.oracle}'`
      : `${path}: ${refused} of ${verdict.nodes.length} nodes cannot be exact under the oracle '${verdict.oracle}'`,
  )
  output.result(verdict)
  if (!verdict.ok) process.exitCode = 1
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
