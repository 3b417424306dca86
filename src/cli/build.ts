import { dirname, join } from 'node:path'
import { Argument, Command } from 'commander'
import { writeFileWhole } from '../core/write-file-whole.ts'
import type { BoardProfile } from '../toolchain/board-profile.ts'
import { boards, findBoard } from '../toolchain/boards.ts'
import { buildBitstream } from '../toolchain/build-bitstream.ts'
import { exportProject } from '../toolchain/export-project.ts'
import { manifestText } from '../toolchain/manifest.ts'
import { jsonOption } from './options.ts'
import { type Output, perform } from './output.ts'
import { prepareFolder } from './output-folder.ts'
import { Progress } from './progress.ts'

interface BuildOptions {
  readonly out?: string
  readonly json: boolean
}

export function buildCommand(): Command {
  return new Command('build')
    .description('bitstream and manifest of a board, or a project for the tools of its maker')
    .addArgument(new Argument('<board>', 'which board').choices(boards.map(({ name }) => name)))
    .option('--out <folder>', 'where the files go (default: bitstreams, or project-BOARD)')
    .addOption(jsonOption())
    .action((name: string, options: BuildOptions) =>
      perform(options.json === true, (output, signal) => build(findBoard(name), options, output, signal)),
    )
}

async function build(
  board: BoardProfile,
  options: BuildOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const project = board.flow !== 'ice40'
  const folder = options.out ?? (project ? `project-${board.name}` : 'bitstreams')
  const takeBack = await prepareFolder(folder)
  try {
    if (project) await writeProject(board, folder, output, signal)
    else await writeBitstream(board, folder, output, signal)
  } catch (error) {
    await takeBack()
    throw error
  }
}

async function writeBitstream(
  board: BoardProfile,
  folder: string,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress(board.name, 100)
  const { image, manifest } = await buildBitstream(board, {
    signal,
    onProgress: ({ stage, fraction }) => progress.reach(Math.round(100 * fraction), stage),
  })
  progress.reach(100)
  progress.finish()
  const file = join(folder, manifest.image.file)
  // the image first: a manifest never speaks of an image that is not there
  await writeFileWhole(file, image)
  await writeFileWhole(join(folder, `${board.name}.json`), manifestText(manifest))
  const { logicCells, blockRams, multipliers, singlePortRams } = manifest.resources
  const share = ({ used, available }: { used: number; available: number }): string =>
    `${used} of ${available}`
  output.text(`${file}: ${manifest.image.bytes} bytes, build id ${manifest.buildId}`)
  output.text(
    `clock ${board.clock / 1e6} MHz, fastest ${(manifest.fmax / 1e6).toFixed(1)} MHz, slack ${manifest.slack} ns, seed ${manifest.seed}`,
  )
  output.text(
    `logic cells ${share(logicCells)}, block RAMs ${share(blockRams)}, multipliers ${share(multipliers)}, single-port RAMs ${share(singlePortRams)}`,
  )
  if (board.status !== 'proven') output.text('Not proven on hardware yet.')
  output.result({ ...manifest, files: [file, join(folder, `${board.name}.json`)] })
}

async function writeProject(
  board: BoardProfile,
  folder: string,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress(board.name)
  const { files, count, buildId, sourceHash } = await exportProject(board, signal)
  progress.finish('synthesized')
  const paths: string[] = []
  for (const [name, text] of files) {
    const path = join(folder, name)
    await prepareFolder(dirname(path))
    await writeFileWhole(path, text)
    paths.push(path)
  }
  const { luts, ffs, brams, dsps } = count
  output.text(`${board.title}: ${luts} LUTs, ${ffs} flip-flops, ${brams} block RAMs, ${dsps} multipliers`)
  output.text(`project with ${paths.length} files in ${folder}; README.txt there says how to go on`)
  output.text('Not proven on hardware yet.')
  output.result({ board: board.name, buildId, sourceHash, count, files: paths })
}
