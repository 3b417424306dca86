import { Command } from 'commander'
import type { BoardProfile } from '../toolchain/board-profile.ts'
import { boards } from '../toolchain/boards.ts'
import { jsonOption } from './options.ts'
import { perform } from './output.ts'

const meanings: Readonly<Record<BoardProfile['status'], string>> = {
  simulated: 'its gateware runs in simulation and is mapped to the device; place and route need other tools',
  built: 'a bitstream that meets timing is in bitstreams/, its netlist runs in simulation',
  proven: 'somebody ran it on the board',
}

export function boardsCommand(): Command {
  return new Command('boards')
    .description('boards with gateware: status, device, link, size of the logic')
    .addOption(jsonOption())
    .action((options: { json: boolean }) =>
      perform(options.json === true, async (output) => {
        for (const line of table(boards)) output.text(line)
        const used = new Set(boards.map(({ status }) => status))
        for (const status of used) output.text(`${status}: ${meanings[status]}.`)
        if (!used.has('proven')) output.text('No board is proven on hardware yet.')
        output.result({ boards })
      }),
    )
}

function table(list: readonly BoardProfile[]): string[] {
  const rows = list.map((board) => [
    board.name,
    board.title,
    board.status,
    `${board.fpga}, ${board.clock / 1e6} MHz`,
    board.link.kind === 'uart'
      ? `UART ${board.link.baud / 1e6} Mbaud`
      : `PCIe Gen${board.link.generation} x${board.link.lanes}`,
    board.capability.input === 'pixels' ? '4096 pixels' : `${board.capability.macroSide} macro-pixels`,
  ])
  const all = [['board', 'name', 'status', 'device', 'link', 'frame side'], ...rows]
  const widths = all[0]!.map((_, at) => Math.max(...all.map((row) => row[at]!.length)))
  return all.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}
