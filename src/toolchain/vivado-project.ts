import { registerSchema } from '../board/register-schema.ts'
import type { BoardProfile } from './board-profile.ts'
import { type BuildInput, buildIdText } from './source-hash.ts'

/** Script and instructions for Vivado: the XDMA core, clock converters, synthesis to bitstream. */
export function vivadoProject(board: BoardProfile, { sources, build }: BuildInput): Map<string, string> {
  const { name, top, device, constraints } = board
  const id = buildIdText(build)
  const schema = registerSchema.toString(16).padStart(8, '0')
  const script = `# ${board.title}: vivado -mode batch -source build.tcl gives ${name}.bit, ${name}.bin and timing.txt.
set_msg_config -id {Synth 8-439} -new_severity ERROR
create_project -force ${name} vivado -part ${device}
add_files [list \\
  ${[...sources.keys()].join(' \\\n  ')}]
set_property file_type SystemVerilog [get_files *.sv]

# PCIe Gen1 x4: 64 bits at 125 MHz; one stream each way, registers of 4 KiB
create_ip -name xdma -vendor xilinx.com -library ip -module_name xdma_0
set_property -dict [list \\
  CONFIG.mode_selection {Advanced} \\
  CONFIG.pl_link_cap_max_link_width {X4} \\
  CONFIG.pl_link_cap_max_link_speed {2.5_GT/s} \\
  CONFIG.axi_data_width {64_bit} \\
  CONFIG.axisten_freq {125} \\
  CONFIG.xdma_axi_intf_mm {AXI_Stream} \\
  CONFIG.xdma_rnum_chnl {1} \\
  CONFIG.xdma_wnum_chnl {1} \\
  CONFIG.axilite_master_en {true} \\
  CONFIG.axilite_master_scale {Kilobytes} \\
  CONFIG.axilite_master_size {4} \\
  CONFIG.pciebar2axibar_axil_master {0x00000000} \\
  CONFIG.pf0_device_id {7014} \\
  CONFIG.cfg_mgmt_if {false} \\
] [get_ips xdma_0]

# 125 MHz of the XDMA core to 62.5 MHz of the logic, and back
create_ip -name axis_clock_converter -vendor xilinx.com -library ip -module_name h2c_clock
set_property -dict [list CONFIG.TDATA_NUM_BYTES {8}] [get_ips h2c_clock]
create_ip -name axis_clock_converter -vendor xilinx.com -library ip -module_name c2h_clock
set_property -dict [list CONFIG.TDATA_NUM_BYTES {8} CONFIG.HAS_TKEEP {1} CONFIG.HAS_TLAST {1}] [get_ips c2h_clock]
generate_target all [get_ips]
foreach ip [get_ips] { synth_ip $ip }

synth_design -top ${top} -part ${device} -generic BUILD=64'h${id} -generic SCHEMA=32'h${schema}
# the lanes of the board are not wired in the order that the XDMA core assumes: the pins place the transceivers
reset_property LOC [get_cells -hierarchical -filter {NAME =~ *gtp_channel.gtpe2_channel_i}]
read_xdc ${constraints}
opt_design
place_design
phys_opt_design
route_design
report_utilization -file utilization.txt
report_timing_summary -file timing_summary.txt
set slack [get_property SLACK [get_timing_paths -delay_type max]]
set hold [get_property SLACK [get_timing_paths -delay_type min]]
set file [open timing.txt w]
puts $file $slack
close $file
if {$slack < 0 || $hold < 0} { error "timing is missed: slack $slack ns, hold $hold ns" }
write_bitstream -force -bin_file ${name}.bit
`
  const readme = `${board.title} (${board.fpga}), build id ${id}

Needs Vivado with the XDMA core (part of its free edition) and Node. Run here:
  vivado -mode batch -source build.tcl
  node manifest.mjs ${name}.bit timing.txt
The script fails when the timing is missed. Then: gemgate flash ${name} ${name}.bit, restart the computer, and\ngemgate flash ${name} ${name}.bit --confirm --port xdma:/dev/xdma0

Link and trigger are simulated; the script, the pins and the lane order come from public documents of the board and
were never run. Nothing of it is proven on hardware.
`
  return new Map([
    ['build.tcl', script],
    ['README.txt', readme],
  ])
}
