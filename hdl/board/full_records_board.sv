// full_records_board: link endpoint and the whole trigger behind the AXI4-Streams of a DMA engine, 64 bits each way.
//
// s_axis_h2c_* from the host, m_axis_c2h_* to it, in records of docs/link.md. `linked` is high from the first session on.
`default_nettype none
module full_records_board #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0,
    parameter logic [31:0] CLOCK_HZ = 32'd62500000
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         s_axis_h2c_tvalid,
    output wire         s_axis_h2c_tready,
    input  wire  [63:0] s_axis_h2c_tdata,
    output wire         m_axis_c2h_tvalid,
    input  wire         m_axis_c2h_tready,
    output wire  [63:0] m_axis_c2h_tdata,
    output wire  [ 7:0] m_axis_c2h_tkeep,
    output wire         m_axis_c2h_tlast,
    output logic        linked
);
  wire session;
  wire reg_valid, reg_write, reg_ready;
  wire [15:0] reg_address;
  wire [31:0] reg_write_data, reg_read_data;
  wire pixels_valid, pixels_ready, events_valid, events_ready, events_last;
  wire [7:0] pixels_data, events_data;

  link_records #(
      .BUILD(BUILD),
      .SCHEMA(SCHEMA),
      .CLOCK_HZ(CLOCK_HZ)
  ) link_records_i (
      .clk(clk),
      .rst(rst),
      .s_axis_h2c_tvalid(s_axis_h2c_tvalid),
      .s_axis_h2c_tready(s_axis_h2c_tready),
      .s_axis_h2c_tdata(s_axis_h2c_tdata),
      .m_axis_c2h_tvalid(m_axis_c2h_tvalid),
      .m_axis_c2h_tready(m_axis_c2h_tready),
      .m_axis_c2h_tdata(m_axis_c2h_tdata),
      .m_axis_c2h_tkeep(m_axis_c2h_tkeep),
      .m_axis_c2h_tlast(m_axis_c2h_tlast),
      .reg_valid(reg_valid),
      .reg_write(reg_write),
      .reg_address(reg_address),
      .reg_write_data(reg_write_data),
      .reg_ready(reg_ready),
      .reg_read_data(reg_read_data),
      .m_axis_tvalid(pixels_valid),
      .m_axis_tready(pixels_ready),
      .m_axis_tdata(pixels_data),
      .s_axis_tvalid(events_valid),
      .s_axis_tready(events_ready),
      .s_axis_tdata(events_data),
      .s_axis_tlast(events_last),
      .session(session)
  );

  full_core #(
      .BUILD(BUILD[31:0])
  ) full_core_i (
      .clk(clk),
      .rst(rst),
      .session(session),
      .reg_valid(reg_valid),
      .reg_write(reg_write),
      .reg_address(reg_address),
      .reg_write_data(reg_write_data),
      .reg_ready(reg_ready),
      .reg_read_data(reg_read_data),
      .s_axis_tvalid(pixels_valid),
      .s_axis_tready(pixels_ready),
      .s_axis_tdata(pixels_data),
      .m_axis_tvalid(events_valid),
      .m_axis_tready(events_ready),
      .m_axis_tdata(events_data),
      .m_axis_tlast(events_last)
  );

  always_ff @(posedge clk)
    if (rst) linked <= 1'b0;
    else if (session) linked <= 1'b1;
endmodule
`default_nettype wire
