import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { packageRoot } from '../core/package-root.ts'
import type { Exploration } from '../explore/exploration.ts'
import { explore } from '../explore/explore.ts'
import { classifierChoices, type Grid, quickGrid, usualGrid } from '../explore/grid.ts'
import { openStudy } from '../explore/open-study.ts'
import { PointStore } from '../explore/point-store.ts'
import { classifierCells, textTable, triggerCells } from '../explore/report/point-cells.ts'
import { frontPoints, summaryLines } from '../explore/report/summary.ts'
import { writeExploration } from '../explore/report/write-exploration.ts'
import type { HardwareSettings } from '../explore/settings.ts'
import type { StudySource } from '../explore/study.ts'
import { type Family, families } from '../toolchain/synthesize.ts'
import { integer, jsonOption } from './options.ts'
import { Interrupted, type Output, perform } from './output.ts'
import { prepareFolder } from './output-folder.ts'
import { Progress } from './progress.ts'

const kinds = ['mlp', 'trees', 'trigger'] as const

interface ExploreCommandOptions {
  readonly out: string
  readonly points: readonly (typeof kinds)[number][]
  readonly hidden?: Grid['hidden']
  readonly bits?: Grid['bits']
  readonly forests?: Grid['forests']
  readonly hardware?: readonly HardwareSettings[]
  readonly family: Family
  readonly budget?: number
  readonly synthesize: number
  readonly threads?: number
  readonly quick?: boolean
  readonly data?: string
  readonly drift: 'volume' | 'fixed'
  readonly study: string
  readonly json?: boolean
}

const examples = `
Examples:
  gemgate explore --out explore
  gemgate explore --points mlp --hidden 8,10-7 --bits 8:7,4:4 --hardware unrolled:2,folded:all
  gemgate explore --points trigger --quick
A run that was stopped goes on from the results in OUT/points; so does one with more points.`

export function exploreCommand(): Command {
  return new Command('explore')
    .description('sweep of classifiers and triggers: physics against logic, Pareto front, explore.html')
    .addOption(new Option('--out <folder>', 'where the results go').default('explore'))
    .addOption(
      new Option('--points <kinds>', 'what to explore: mlp, trees, trigger, separated by commas')
        .argParser(list(parseKind))
        .default([...kinds], 'all'),
    )
    .addOption(
      new Option('--hidden <sizes>', 'mlp: neurons of the hidden layers, for example 8,10-7').argParser(
        list(parseHidden),
      ),
    )
    .addOption(
      new Option('--bits <pairs>', 'mlp: bits of weights and of activations, for example 8:7,4:4').argParser(
        list(parseBits),
      ),
    )
    .addOption(
      new Option('--forests <sizes>', 'trees: how many and how deep, for example 8x3,16x4').argParser(
        list(parseForest),
      ),
    )
    .addOption(
      new Option(
        '--hardware <forms>',
        'mlp: unrolled:LEVELS, folded:REUSE or folded:all, separated by commas',
      ).argParser(list(parseHardware)),
    )
    .addOption(
      new Option('--family <name>', 'FPGA that is synthesized for')
        .choices(Object.keys(families))
        .default('ecp5'),
    )
    .addOption(new Option('--budget <n>', 'most points of each part').argParser(integer(1, 1_000_000)))
    .addOption(
      new Option('--synthesize <n>', 'most points to synthesize')
        .argParser(integer(0, 1_000_000))
        .default(60),
    )
    .addOption(new Option('--threads <n>', 'default: one for each core').argParser(integer(1, 256)))
    .option('--quick', 'few points and a tenth of the statistics: to try out, not to decide by')
    .option(
      '--data <folder>',
      'samples of clusters in train, volume and z25 (default: simulated where needed)',
    )
    .addOption(
      new Option('--drift <where>', 'score on recoils in the whole drift volume, or at 25 cm')
        .choices(['volume', 'fixed'])
        .default('volume'),
    )
    .addOption(
      new Option('--study <module>', 'module that trains and measures')
        .default(join(packageRoot, 'models/explore-study.ts'), 'the one of the repository')
        .hideHelp(),
    )
    .addOption(jsonOption())
    .addHelpText('after', examples)
    .action((options: ExploreCommandOptions) =>
      perform(options.json === true, (output, signal) => run(options, output, signal)),
    )
}

async function run(options: ExploreCommandOptions, output: Output, signal: AbortSignal): Promise<void> {
  const source: StudySource = {
    module: pathToFileURL(options.study).href,
    options: { quick: options.quick === true, data: options.data ?? null, drift: options.drift },
  }
  const takeBack = await prepareFolder(options.out)
  let exploration: Exploration
  try {
    exploration = await exploreInto(options, source, output, signal)
  } catch (error) {
    await takeBack()
    if (error instanceof Interrupted && existsSync(join(options.out, 'points')))
      process.stderr.write(
        `finished results are kept in ${join(options.out, 'points')}; the same command goes on\n`,
      )
    throw error
  }
  print(exploration, output)
  output.text(`report: ${join(options.out, 'explore.html')}`)
  output.result(exploration)
}

async function exploreInto(
  options: ExploreCommandOptions,
  source: StudySource,
  output: Output,
  signal: AbortSignal,
): Promise<Exploration> {
  const study = await openStudy(source)
  const store = new PointStore(join(options.out, 'points'), (path) =>
    process.stderr.write(`damaged, done again: ${path}\n`),
  )
  const grid = gridOf(options)
  const budget = options.budget ?? Number.POSITIVE_INFINITY
  const { exploration, files } = await explore(study, source, store, {
    classifiers: classifierChoices(grid).slice(0, budget),
    triggers: grid.triggers.slice(0, budget),
    family: options.family,
    mostSynthesized: options.synthesize,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    onStep: progressOf(),
    signal,
  })
  const written = await writeExploration(options.out, exploration, files)
  output.text(`${written.length} files in ${options.out}`)
  return exploration
}

/** The grid of the options; a part that is not asked for has no points. */
function gridOf({ quick, points, hidden, bits, forests, hardware }: ExploreCommandOptions): Grid {
  const usual = quick === true ? quickGrid : usualGrid
  return {
    ...usual,
    hidden: points.includes('mlp') ? (hidden ?? usual.hidden) : [],
    bits: bits ?? usual.bits,
    networkHardware: hardware ?? usual.networkHardware,
    forests: points.includes('trees') ? (forests ?? usual.forests) : [],
    triggers: points.includes('trigger') ? usual.triggers : [],
  }
}

/** A bar for each step, one after the other. */
function progressOf(): (step: string, done: number, all: number) => void {
  let shown: { step: string; progress: Progress } | undefined
  return (step, done, all) => {
    if (all === 0) return
    if (shown?.step !== step) shown = { step, progress: new Progress(step, all) }
    shown.progress.reach(done)
    if (done === all) shown.progress.finish()
  }
}

function print(exploration: Exploration, output: Output): void {
  if (exploration.points.length > 0) output.text(textTable(classifierCells(frontPoints(exploration))))
  if (exploration.trigger.length > 0) output.text(textTable(triggerCells(exploration.trigger)))
  for (const line of summaryLines(exploration)) output.text(line)
}

function list<T>(parse: (text: string) => T): (text: string) => T[] {
  return (text) => text.split(',').map((part) => parse(part.trim()))
}

function parseKind(text: string): (typeof kinds)[number] {
  const kind = kinds.find((name) => name === text)
  if (kind === undefined) throw new InvalidArgumentError(`Choose from ${kinds.join(', ')}.`)
  return kind
}

const parseHidden = (text: string): number[] => text.split('-').map(integer(1, 256))

function parseBits(text: string): [number, number] {
  const [weights, activations, ...rest] = text.split(':').map(integer(2, 8))
  if (weights === undefined || activations === undefined || rest.length > 0)
    throw new InvalidArgumentError('Write bits of weights and of activations: 8:7.')
  return [weights, activations]
}

function parseForest(text: string): [number, number] {
  const [trees, depth, ...rest] = text.split('x').map(integer(1, 1000))
  if (trees === undefined || depth === undefined || rest.length > 0)
    throw new InvalidArgumentError('Write how many trees and how deep: 16x3.')
  return [trees, depth]
}

function parseHardware(text: string): HardwareSettings {
  const [architecture, number = ''] = text.split(':')
  if (architecture === 'unrolled') return { architecture, levels: integer(1, 64)(number) }
  if (architecture !== 'folded') throw new InvalidArgumentError('Write unrolled:2, folded:16 or folded:all.')
  return { architecture, reuse: number === 'all' ? null : integer(1, 1 << 24)(number) }
}
