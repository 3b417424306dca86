// link_uart: the endpoint behind a serial line: DIVISOR (4 or more) clocks per bit, 8 data bits, no parity, one stop bit.
//
// A FIFO of 511 bytes in front of the endpoint bridges the accesses of a request and the headers that leave. The frames
// behind a request that comes before the reply to another one is out wait in it, and may not all have room; a host
// that waits for each reply loses nothing. `rx` may be an unsynchronised pin.
// The other ports and parameters as in link_endpoint.sv.
`default_nettype none
module link_uart #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0,
    parameter logic [31:0] CLOCK_HZ = 32'd12000000,
    parameter int REGISTERS = 31,
    parameter int RX_SLOT_BITS = 2,
    parameter int TX_SLOT_BITS = 1,
    parameter int PAYLOAD = 500,
    parameter int CRC_BITS = 1,
    parameter int DIVISOR = 4
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         rx,
    output wire         tx,
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
  wire line_valid, rx_valid, rx_ready, tx_valid, tx_ready;
  wire [7:0] line_data, rx_data, tx_data;
  // A byte that the line damaged is missing in its frame, whose CRC tells.
  wire unused_framing_error;

  uart_rx #(
      .DIVISOR(DIVISOR)
  ) uart_rx_i (
      .clk(clk),
      .rst(rst),
      .rx(rx),
      .m_valid(line_valid),
      .m_data(line_data),
      .framing_error(unused_framing_error)
  );

  byte_fifo byte_fifo_i (
      .clk(clk),
      .rst(rst),
      .s_valid(line_valid),
      .s_data(line_data),
      .m_valid(rx_valid),
      .m_ready(rx_ready),
      .m_data(rx_data)
  );

  link_bytes #(
      .BUILD(BUILD),
      .SCHEMA(SCHEMA),
      .CLOCK_HZ(CLOCK_HZ),
      .REGISTERS(REGISTERS),
      .RX_SLOT_BITS(RX_SLOT_BITS),
      .TX_SLOT_BITS(TX_SLOT_BITS),
      .PAYLOAD(PAYLOAD),
      .CRC_BITS(CRC_BITS)
  ) link_bytes_i (
      .clk(clk),
      .rst(rst),
      .s_valid(rx_valid),
      .s_ready(rx_ready),
      .s_data(rx_data),
      .m_valid(tx_valid),
      .m_ready(tx_ready),
      .m_data(tx_data),
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

  uart_tx #(
      .DIVISOR(DIVISOR)
  ) uart_tx_i (
      .clk(clk),
      .rst(rst),
      .s_valid(tx_valid),
      .s_ready(tx_ready),
      .s_data(tx_data),
      .tx(tx)
  );
endmodule
`default_nettype wire
