// core_bytes: the byte streams and the register bus of a link endpoint to the ports of gemgate_core.
//
//   s_axis_*   6 bytes per pixel: pixel, pedestal word, little endian; core_s_* takes them as one beat of 48 bits
//   core_m_*   32-bit words of event packets; m_axis_* gives their bytes, lowest first
//   reg_*      reg_ready in the clock after reg_valid, one access per 2 clocks
//   session    writes the core's register `reset`, which drops what is in it
// A write to `reset`, also one of the host, drops what is between the two: a part of a pixel or word is not completed
// by the bytes of the next frame or packet. One byte per clock both ways; one clock from the last byte of a pixel to
// the core, none from the core to m_axis_*.
`default_nettype none
module core_bytes #(
    parameter logic [4:0] RESET_ADDRESS = 5'd2
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         session,
    input  wire         reg_valid,
    input  wire         reg_write,
    input  wire  [15:0] reg_address,
    input  wire  [31:0] reg_write_data,
    output wire         reg_ready,
    output wire  [31:0] reg_read_data,
    input  wire         s_axis_tvalid,
    output wire         s_axis_tready,
    input  wire  [ 7:0] s_axis_tdata,
    output wire         m_axis_tvalid,
    input  wire         m_axis_tready,
    output wire  [ 7:0] m_axis_tdata,
    output wire         m_axis_tlast,
    output wire         core_write,
    output wire         core_read,
    output wire  [ 4:0] core_address,
    output wire  [31:0] core_write_data,
    input  wire  [31:0] core_read_data,
    output logic        core_s_tvalid,
    input  wire         core_s_tready,
    output logic [47:0] core_s_tdata,
    input  wire         core_m_tvalid,
    output wire         core_m_tready,
    input  wire  [31:0] core_m_tdata,
    input  wire         core_m_tlast
);
  // Registers: the access is given to the core once, and answered in the clock after.
  logic given;
  wire unused_address = &reg_address[15:5];
  wire give = reg_valid & ~given;
  assign core_write = session | (give & reg_write);
  wire drop = rst | (core_write & core_address == RESET_ADDRESS);
  assign core_read = give & ~reg_write;
  assign core_address = session ? RESET_ADDRESS : reg_address[4:0];
  assign core_write_data = session ? 32'd0 : reg_write_data;
  assign reg_ready = given;
  assign reg_read_data = core_read_data;
  always_ff @(posedge clk) given <= ~rst & give;

  logic [2:0] place;
  wire take = s_axis_tvalid & s_axis_tready;
  assign s_axis_tready = ~core_s_tvalid | core_s_tready;
  always_ff @(posedge clk) begin
    if (take) core_s_tdata <= {s_axis_tdata, core_s_tdata[47:8]};
    if (drop) begin
      place <= 3'd0;
      core_s_tvalid <= 1'b0;
    end else begin
      if (take) place <= place == 3'd5 ? 3'd0 : place + 1'b1;
      core_s_tvalid <= take ? place == 3'd5 : core_s_tvalid & ~core_s_tready;
    end
  end

  logic [1:0] lane;
  assign m_axis_tvalid = core_m_tvalid;
  assign m_axis_tdata = core_m_tdata[8*lane+:8];
  assign m_axis_tlast = core_m_tlast & (&lane);
  assign core_m_tready = m_axis_tready & (&lane);
  always_ff @(posedge clk)
    if (drop) lane <= 2'd0;
    else if (m_axis_tvalid & m_axis_tready) lane <= lane + 1'b1;
endmodule
`default_nettype wire
