// Bytes of words.hex into link_bytes, and what comes out. Inputs that are not valid are x, and so are memories at first.
module bench;
  reg clk = 0, rst = 1, s_valid = 0;
  reg [7:0] s_data, bytes[0:4095];
  wire s_ready, m_valid, reg_valid, reg_write, pixel_valid, event_ready, session;
  wire [7:0] m_data, pixel;
  wire [15:0] reg_address;
  wire [31:0] reg_write_data;
  integer i;
  link_bytes dut (
      .clk(clk),
      .rst(rst),
      .s_valid(s_valid),
      .s_ready(s_ready),
      .s_data(s_data),
      .m_valid(m_valid),
      .m_ready(1'b1),
      .m_data(m_data),
      .reg_valid(reg_valid),
      .reg_write(reg_write),
      .reg_address(reg_address),
      .reg_write_data(reg_write_data),
      .reg_ready(reg_valid),
      .reg_read_data(32'h11223344),
      .m_axis_tvalid(pixel_valid),
      .m_axis_tready(event_ready),
      .m_axis_tdata(pixel),
      .s_axis_tvalid(pixel_valid),
      .s_axis_tready(event_ready),
      .s_axis_tdata(pixel),
      .s_axis_tlast(pixel == 8'd5),
      .session(session)
  );
  always #5 clk = ~clk;
  always @(posedge clk)
    if (!rst) begin
      if (^{m_valid, reg_valid, pixel_valid, session, s_valid & s_ready} === 1'bx) $display("X at %0t", $time);
      if (m_valid) $display("B %h", m_data);
    end
  initial begin
    $readmemh("words.hex", bytes);
    repeat (8) @(negedge clk);
    rst = 0;
    for (i = 0; bytes[i] !== 8'bx; i = i + 1) begin
      {s_valid, s_data} = {1'b1, bytes[i]};
      #4 while (s_ready !== 1'b1) #10;
      @(negedge clk);
      {s_valid, s_data} = {1'b0, 8'bx};
    end
    repeat (4000) @(negedge clk);
    $finish;
  end
  initial #10000000 begin
    $display("STUCK");
    $finish;
  end
endmodule
