// link_bytes: the endpoint behind escaped bytes, both ways with valid and ready: simulation, USB FIFOs, UARTs.
//
// Ports and parameters beyond s_* and m_* as in link_endpoint.sv.
`default_nettype none
module link_bytes #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0,
    parameter logic [31:0] CLOCK_HZ = 32'd12000000,
    parameter int REGISTERS = 31,
    parameter int RX_SLOT_BITS = 2,
    parameter int TX_SLOT_BITS = 1,
    parameter int PAYLOAD = 500,
    parameter int CRC_BITS = 8
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         s_valid,
    output wire         s_ready,
    input  wire  [ 7:0] s_data,
    output wire         m_valid,
    input  wire         m_ready,
    output wire  [ 7:0] m_data,
    output wire         reg_valid,
    output wire         reg_write,
    output wire  [15:0] reg_address,
    output wire  [31:0] reg_write_data,
    input  wire         reg_ready,
    input  wire  [31:0] reg_read_data,
    output wire         m_axis_tvalid,
    input  wire         m_axis_tready,
    output wire  [ 7:0] m_axis_tdata,
    input  wire         s_axis_tvalid,
    output wire         s_axis_tready,
    input  wire  [ 7:0] s_axis_tdata,
    input  wire         s_axis_tlast,
    output wire         session
);
  wire rx_valid, rx_ready, rx_end, rx_abort, tx_valid, tx_ready, tx_last;
  wire [7:0] rx_data, tx_data;

  hdlc_rx hdlc_rx_i (
      .clk(clk),
      .rst(rst),
      .s_valid(s_valid),
      .s_ready(s_ready),
      .s_data(s_data),
      .m_valid(rx_valid),
      .m_ready(rx_ready),
      .m_data(rx_data),
      .m_end(rx_end),
      .m_abort(rx_abort)
  );

  link_endpoint #(
      .BUILD(BUILD),
      .SCHEMA(SCHEMA),
      .CLOCK_HZ(CLOCK_HZ),
      .REGISTERS(REGISTERS),
      .RX_SLOT_BITS(RX_SLOT_BITS),
      .TX_SLOT_BITS(TX_SLOT_BITS),
      .PAYLOAD(PAYLOAD),
      .CRC_BITS(CRC_BITS)
  ) link_endpoint_i (
      .clk(clk),
      .rst(rst),
      .s_valid(rx_valid),
      .s_ready(rx_ready),
      .s_data(rx_data),
      .s_end(rx_end),
      .s_abort(rx_abort),
      .m_valid(tx_valid),
      .m_ready(tx_ready),
      .m_data(tx_data),
      .m_last(tx_last),
      .reg_valid(reg_valid),
      .reg_write(reg_write),
      .reg_address(reg_address),
      .reg_write_data(reg_write_data),
      .reg_ready(reg_ready),
      .reg_read_data(reg_read_data),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tdata(m_axis_tdata),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tdata(s_axis_tdata),
      .s_axis_tlast(s_axis_tlast),
      .session(session)
  );

  hdlc_tx hdlc_tx_i (
      .clk(clk),
      .rst(rst),
      .s_valid(tx_valid),
      .s_ready(tx_ready),
      .s_data(tx_data),
      .s_last(tx_last),
      .m_valid(m_valid),
      .m_ready(m_ready),
      .m_data(m_data)
  );
endmodule
`default_nettype wire
