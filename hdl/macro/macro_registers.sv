// macro_registers: the registers of macro_core in a memory that host and logic read through one port.
//
//   reg_*  an access is held until reg_ready, one clock later or more; reg_read_data is valid with it
//   cfg_*  settings for the logic: cfg_data is the register at cfg_address one clock after cfg_request. The logic goes
//          before the host. Not while `busy`.
//   strobe_reset, gain_*  high in the clock in which the host writes
//   rst restores all registers in 64 clocks, `forget` the count of frames in 2; frame_done counts a frame.
// A register holds the bits that src/board/registers.ts gives it. Registers of units that macro_core lacks are only
// stored.
`default_nettype none
module macro_registers #(
    parameter logic [31:0] BUILD = 32'd0,
    parameter logic [31:0] CAPABILITY = 32'd0
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         forget,
    input  wire         frame_done,
    output wire         busy,
    input  wire         reg_valid,
    input  wire         reg_write,
    input  wire  [ 4:0] reg_address,
    input  wire  [31:0] reg_write_data,
    output logic        reg_ready,
    output wire  [31:0] reg_read_data,
    input  wire         cfg_request,
    input  wire  [ 4:0] cfg_address,
    output wire  [31:0] cfg_data,
    output wire         strobe_reset,
    output wire         gain_rewind,
    output wire         gain_write
);
  localparam logic [4:0] RESET = 5'd2, FRAMES = 5'd3, TABLE = 5'd24, TABLE_WORD = 5'd25;
  localparam logic [1:0] REGION_GAINS = 2'd2;

  // --- words that are written without the host: read, then written in the next clock
  logic copying, copy_write;
  logic whole;  // all registers
  logic counting;  // frames + 1 instead of the value after reset
  logic [4:0] index;
  assign busy = copying;
  always_ff @(posedge clk)
    if (rst) begin
      copying <= 1'b1;
      copy_write <= 1'b0;
      whole <= 1'b1;
      counting <= 1'b0;
      index <= 5'd0;
    end else if ((forget | frame_done) & ~(copying & whole)) begin
      copying <= 1'b1;
      copy_write <= 1'b0;
      whole <= 1'b0;
      counting <= ~forget;
      index <= FRAMES;
    end else if (copying) begin
      copy_write <= ~copy_write;
      if (copy_write) begin
        index   <= index + 5'd1;
        copying <= whole && index != 5'd31;
      end
    end

  // --- one access of the host
  wire access = reg_valid & ~reg_ready & ~copying & ~cfg_request;
  wire host_write = access & reg_write;
  always_ff @(posedge clk)
    if (rst) reg_ready <= 1'b0;
    else reg_ready <= access;

  wire read_only;
  wire [31:0] read_data;
  register_memory #(
      .BUILD(BUILD),
      .CAPABILITY(CAPABILITY)
  ) register_memory_i (
      .clk(clk),
      .read_address(copying ? {~counting, index} : {1'b0, cfg_request ? cfg_address : reg_address}),
      .read_data(read_data),
      .write(copying ? copy_write : host_write & ~read_only),
      .write_address(copying ? index : reg_address),
      .write_data(copying ? read_data + 32'(counting) : reg_write_data),
      .check_address(reg_address),
      .read_only(read_only)
  );
  assign reg_read_data = read_data;
  assign cfg_data = read_data;

  // --- strobes
  logic gains;  // table_word goes to the table of gains
  always_ff @(posedge clk)
    if (rst) gains <= 1'b0;
    else if (gain_rewind) gains <= reg_write_data[1:0] == REGION_GAINS;
  assign strobe_reset = host_write && reg_address == RESET;
  assign gain_rewind = host_write && reg_address == TABLE;
  assign gain_write = host_write && reg_address == TABLE_WORD && gains;
endmodule
`default_nettype wire
