<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="vi_VN" sourcelanguage="en_GB">
<context>
    <name>ActionBar</name>
    <message>
        <source>End this visit, wipe, wait for the next</source>
        <translation>Kết thúc lượt này, xoá dữ liệu, chờ người tiếp theo</translation>
    </message>
    <message>
        <source>Ask the registers once more for this citizen</source>
        <translation>Hỏi lại các cơ sở dữ liệu về công dân này</translation>
    </message>
    <message>
        <source>Make the slip that the office files: see, keep or print it</source>
        <translation>Lập phiếu để lưu hồ sơ: xem, lưu hoặc in</translation>
    </message>
    <message>
        <source>Show again</source>
        <translation>Hiện lại</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Che màn hình</translation>
    </message>
    <message>
        <source>Cover what is on the screen, and show it again</source>
        <translation>Che nội dung trên màn hình, bấm lần nữa để hiện lại</translation>
    </message>
    <message>
        <source>Stop what is running and wipe</source>
        <translation>Dừng việc đang chạy và xoá dữ liệu</translation>
    </message>
</context>
<context>
    <name>BuildingDrawing</name>
    <message>
        <source>No drawing</source>
        <translation>Không có hình vẽ</translation>
    </message>
    <message>
        <source>Drawing of a building</source>
        <translation>Hình vẽ toà nhà</translation>
    </message>
    <message>
        <source>Drawing of a house</source>
        <translation>Hình vẽ ngôi nhà</translation>
    </message>
    <message>
        <source>floor {floor} of {floors}</source>
        <translation>tầng {floor}/{floors}</translation>
    </message>
    <message>
        <source>floor {floor}</source>
        <translation>tầng {floor}</translation>
    </message>
    <message>
        <source>{floors} floors</source>
        <translation>{floors} tầng</translation>
    </message>
    <message>
        <source>encumbered</source>
        <translation>có hạn chế quyền</translation>
    </message>
</context>
<context>
    <name>ChecksCard</name>
    <message>
        <source>Checks</source>
        <translation>Kiểm tra thẻ</translation>
    </message>
    <message>
        <source>Checks of the card</source>
        <translation>Các kiểm tra của thẻ</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Kiểm tra</translation>
    </message>
    <message>
        <source>Enter shows the evidence</source>
        <translation>Bấm Enter để xem căn cứ</translation>
    </message>
</context>
<context>
    <name>ClerkButton</name>
    <message>
        <source>Hand over to another clerk…</source>
        <translation>Bàn giao cho cán bộ khác…</translation>
    </message>
    <message>
        <source>Sign out</source>
        <translation>Đăng xuất</translation>
    </message>
    <message>
        <source>Clerk</source>
        <translation>Cán bộ</translation>
    </message>
    <message>
        <source>Clerk: {name}</source>
        <translation>Cán bộ: {name}</translation>
    </message>
    <message>
        <source>{name} is signed in</source>
        <translation>{name} đang đăng nhập</translation>
    </message>
</context>
<context>
    <name>ClerkStrip</name>
    <message>
        <source>Stop waiting</source>
        <translation>Thôi đợi</translation>
    </message>
    <message>
        <source>Sign in again</source>
        <translation>Đăng nhập lại</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Đăng nhập</translation>
    </message>
</context>
<context>
    <name>ComparisonCard</name>
    <message>
        <source>Comparison</source>
        <translation>So sánh</translation>
    </message>
    <message>
        <source>Comparison of chip and registers</source>
        <translation>So sánh chip với các cơ sở dữ liệu</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>Thông tin</translation>
    </message>
    <message>
        <source>Chip</source>
        <translation>Chip</translation>
    </message>
    <message>
        <source>different</source>
        <translation>khác</translation>
    </message>
    <message>
        <source>written otherwise</source>
        <translation>viết khác</translation>
    </message>
    <message>
        <source>same</source>
        <translation>giống</translation>
    </message>
    <message>
        <source>as in {register}</source>
        <translation>như {register}</translation>
    </message>
</context>
<context>
    <name>DecisionCard</name>
    <message>
        <source>Checking</source>
        <translation>Đang kiểm tra</translation>
    </message>
    <message>
        <source>and {count} more, see the checks</source>
        <translation>và {count} lý do nữa, xem mục kiểm tra</translation>
    </message>
</context>
<context>
    <name>DossierField</name>
    <message>
        <source>Dossier number</source>
        <translation>Số hồ sơ</translation>
    </message>
    <message>
        <source>Plain letters, digits and . _ / - only: nothing is sent under this number.</source>
        <translation>Chỉ chữ không dấu, chữ số và . _ / - : số này chưa được dùng.</translation>
    </message>
    <message>
        <source>Told to the registers with each look-up; leaves with the visit. (Alt+H)</source>
        <translation>Gửi kèm mỗi lần tra cứu; xoá cùng lượt này. (Alt+H)</translation>
    </message>
</context>
<context>
    <name>Forgery</name>
    <message>
        <source>Signed by a self-made authority</source>
        <translation>Tự lập cơ quan ký giả</translation>
    </message>
    <message>
        <source>Signer’s certificate not yet valid</source>
        <translation>Chứng thư ký chưa có hiệu lực</translation>
    </message>
    <message>
        <source>Signature damaged</source>
        <translation>Chữ ký bị hỏng</translation>
    </message>
    <message>
        <source>Sex changed</source>
        <translation>Sửa giới tính</translation>
    </message>
    <message>
        <source>Portrait replaced</source>
        <translation>Thay ảnh chân dung</translation>
    </message>
    <message>
        <source>Religion changed</source>
        <translation>Sửa tôn giáo</translation>
    </message>
    <message>
        <source>Copy without the first chip key</source>
        <translation>Chip sao chép, thiếu khóa thứ nhất</translation>
    </message>
    <message>
        <source>Copy without the second chip key</source>
        <translation>Chip sao chép, thiếu khóa thứ hai</translation>
    </message>
    <message>
        <source>Chip key withheld</source>
        <translation>Giấu khóa của chip</translation>
    </message>
    <message>
        <source>Strong opening hidden</source>
        <translation>Giấu cách mở chip an toàn</translation>
    </message>
    <message>
        <source>Unsigned data added</source>
        <translation>Thêm dữ liệu chưa ký</translation>
    </message>
    <message>
        <source>Data altered on the way</source>
        <translation>Sửa dữ liệu trên đường truyền</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Help</source>
        <translation>Trợ giúp</translation>
    </message>
    <message>
        <source>Keys and what the marks mean (F1)</source>
        <translation>Phím tắt và ý nghĩa các dấu (F1)</translation>
    </message>
</context>
<context>
    <name>HelpPage</name>
    <message>
        <source>Help</source>
        <translation>Trợ giúp</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Phím tắt</translation>
    </message>
    <message>
        <source>Marks</source>
        <translation>Các dấu</translation>
    </message>
    <message>
        <source>Read the card with the number entered; open what a row holds</source>
        <translation>Đọc thẻ với số đã nhập; mở chi tiết của một dòng</translation>
    </message>
    <message>
        <source>Go to the number field</source>
        <translation>Tới ô nhập số</translation>
    </message>
    <message>
        <source>Go to the purpose; to the dossier number</source>
        <translation>Đến mục đích; đến số hồ sơ</translation>
    </message>
    <message>
        <source>Record what the citizen says: read it and agrees, heard it and agrees, does not</source>
        <translation>Ghi ý kiến công dân: tự đọc và đồng ý, nghe đọc và đồng ý, không đồng ý</translation>
    </message>
    <message>
        <source>Make the result slip, then print it; keep it as a file</source>
        <translation>Lập phiếu kết quả, rồi in; lưu thành tệp</translation>
    </message>
    <message>
        <source>Cover what is on the screen, and show it again</source>
        <translation>Che nội dung trên màn hình, bấm lần nữa để hiện lại</translation>
    </message>
    <message>
        <source>One step back; stop what is running and wipe</source>
        <translation>Lùi một bước; dừng việc đang chạy và xoá dữ liệu</translation>
    </message>
    <message>
        <source>Move from card to card, and inside one</source>
        <translation>Chuyển giữa các khung, và giữa các dòng trong khung</translation>
    </message>
    <message>
        <source>Copy the personal number; it is wiped from the clipboard with the visit</source>
        <translation>Sao chép số định danh; số được xoá khỏi bộ nhớ tạm khi hết lượt</translation>
    </message>
    <message>
        <source>Everything larger or smaller</source>
        <translation>Phóng to, thu nhỏ mọi thứ</translation>
    </message>
    <message>
        <source>This page, and back</source>
        <translation>Mở trang này, bấm lần nữa để quay lại</translation>
    </message>
</context>
<context>
    <name>HiddenPage</name>
    <message>
        <source>Hidden</source>
        <translation>Đã che màn hình</translation>
    </message>
    <message>
        <source>The visit goes on; nothing of it is shown.</source>
        <translation>Lượt tiếp dân vẫn tiếp tục, chỉ không hiện lên màn hình.</translation>
    </message>
    <message>
        <source>F12 shows it again.</source>
        <translation>Bấm F12 để hiện lại.</translation>
    </message>
</context>
<context>
    <name>HoldingsCard</name>
    <message>
        <source>What the registers hold</source>
        <translation>Các cơ sở dữ liệu có gì</translation>
    </message>
</context>
<context>
    <name>HoldingsPage</name>
    <message>
        <source>No register is asked about a card that was stopped.</source>
        <translation>Thẻ bị dừng nên không tra cứu cơ sở dữ liệu nào.</translation>
    </message>
    <message>
        <source>What the register holds appears here once it has answered.</source>
        <translation>Kết quả hiện ở đây khi cơ sở dữ liệu trả lời.</translation>
    </message>
    <message>
        <source>The register is being asked …</source>
        <translation>Đang hỏi cơ sở dữ liệu…</translation>
    </message>
    <message>
        <source>The register gave no usable answer, so what it holds is not known.</source>
        <translation>Cơ sở dữ liệu không trả lời được, nên chưa biết có gì.</translation>
    </message>
    <message>
        <source>The look-up waits; its answer goes to the dossier.</source>
        <translation>Việc tra cứu đang chờ; câu trả lời sẽ vào hồ sơ.</translation>
    </message>
    <message>
        <source>This register is not asked for this purpose.</source>
        <translation>Không tra cứu cơ sở dữ liệu này trong lượt này.</translation>
    </message>
</context>
<context>
    <name>IdentityCard</name>
    <message>
        <source>No expiry</source>
        <translation>Không thời hạn</translation>
    </message>
    <message>
        <source>No citizen yet</source>
        <translation>Chưa có công dân nào</translation>
    </message>
</context>
<context>
    <name>KeyBlock</name>
    <message>
        <source>Number or QR code</source>
        <translation>Số trên thẻ hoặc mã QR</translation>
    </message>
    <message>
        <source>12 digits</source>
        <translation>12 chữ số</translation>
    </message>
    <message>
        <source>Read the card</source>
        <translation>Đọc thẻ</translation>
    </message>
    <message>
        <source>Read the card with this number (Enter)</source>
        <translation>Đọc thẻ với số này (Enter)</translation>
    </message>
    <message>
        <source>Number taken. Now put the card on the reader.</source>
        <translation>Đã nhận số. Đặt thẻ lên đầu đọc.</translation>
    </message>
    <message>
        <source>Type the 12 digits, or scan the QR code or the three lines on the back.</source>
        <translation>Gõ 12 chữ số, quét mã QR, hoặc quét ba dòng mã ở mặt sau.</translation>
    </message>
    <message>
        <source>{count} digits so far; 12 are needed, or the last 6.</source>
        <translation>Mới có {count} chữ số; cần đủ 12 số, hoặc 6 số cuối.</translation>
    </message>
    <message>
        <source>Nothing entered yet: type the 12 digits or scan the QR code.</source>
        <translation>Chưa nhập gì: gõ 12 chữ số hoặc quét mã QR.</translation>
    </message>
    <message>
        <source>The code on the back has three lines of 30 characters; scan it again.</source>
        <translation>Mã mặt sau có ba dòng, mỗi dòng 30 ký tự; hãy quét lại.</translation>
    </message>
    <message>
        <source>This is neither a number nor a card’s QR code. Press Esc and enter it again.</source>
        <translation>Đây không phải số thẻ hay mã QR của thẻ. Bấm Esc rồi nhập lại.</translation>
    </message>
</context>
<context>
    <name>LooksButton</name>
    <message>
        <source>As the system</source>
        <translation>Theo hệ thống</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Sáng</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Tối</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Tương phản cao</translation>
    </message>
    <message>
        <source>Size {percent} %</source>
        <translation>Cỡ {percent} %</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>Hiển thị</translation>
    </message>
    <message>
        <source>Colours and size (size also by Ctrl++ and Ctrl+-)</source>
        <translation>Màu sắc và cỡ chữ (cỡ chữ: Ctrl++ và Ctrl+-)</translation>
    </message>
</context>
<context>
    <name>ParcelDrawing</name>
    <message>
        <source>No drawing</source>
        <translation>Chưa có hình vẽ</translation>
    </message>
    <message>
        <source>Drawing of parcel {parcel} on sheet {sheet}: edges {edges}</source>
        <translation>Hình thửa {parcel}, tờ {sheet}: các cạnh {edges}</translation>
    </message>
    <message>
        <source>No corners on record</source>
        <translation>Không có tọa độ đỉnh thửa</translation>
    </message>
    <message>
        <source>N</source>
        <comment>north, the letter at the arrow of a map</comment>
        <translation>B</translation>
    </message>
</context>
<context>
    <name>Portrait</name>
    <message>
        <source>Portrait from the chip</source>
        <translation>Ảnh chân dung trong chip</translation>
    </message>
    <message>
        <source>No portrait yet</source>
        <translation>Chưa có ảnh chân dung</translation>
    </message>
    <message>
        <source>not verified</source>
        <translation>chưa xác minh</translation>
    </message>
</context>
<context>
    <name>Progress</name>
    <message>
        <source>Reading progress</source>
        <translation>Tiến độ đọc thẻ</translation>
    </message>
    <message>
        <source>{what} · {percent} %</source>
        <translation>{what} · {percent} %</translation>
    </message>
    <message>
        <source>Portrait</source>
        <translation>Ảnh chân dung</translation>
    </message>
    <message>
        <source>Personal data</source>
        <translation>Thông tin cá nhân</translation>
    </message>
    <message>
        <source>Chip keys</source>
        <translation>Khoá của chip</translation>
    </message>
    <message>
        <source>Signature</source>
        <translation>Chữ ký số</translation>
    </message>
    <message>
        <source>Contents</source>
        <translation>Danh mục dữ liệu</translation>
    </message>
</context>
<context>
    <name>PurposeChooser</name>
    <message>
        <source>Purpose of the look-ups</source>
        <translation>Mục đích tra cứu</translation>
    </message>
    <message>
        <source>Purpose of the look-ups (Alt+M)
Legal basis: {basis}</source>
        <translation>Mục đích tra cứu (Alt+M)
Căn cứ pháp lý: {basis}</translation>
    </message>
</context>
<context>
    <name>QueueOffer</name>
    <message>
        <source>A register is away. The look-up can wait until it is there, sealed, for a dossier.</source>
        <translation>Có cơ sở dữ liệu chưa kết nối được. Việc tra cứu có thể chờ, được niêm phong, cho một hồ sơ.</translation>
    </message>
    <message>
        <source>Let it wait for dossier {number}</source>
        <translation>Cho chờ, ghi vào hồ sơ {number}</translation>
    </message>
    <message>
        <source>With a dossier number the look-up can wait.</source>
        <translation>Có số hồ sơ thì việc tra cứu chờ được.</translation>
    </message>
    <message>
        <source>Enter number</source>
        <translation>Nhập số hồ sơ</translation>
    </message>
</context>
<context>
    <name>ReaderStrip</name>
    <message>
        <source>Reader</source>
        <translation>Đầu đọc</translation>
    </message>
    <message>
        <source>none connected</source>
        <translation>chưa cắm</translation>
    </message>
</context>
<context>
    <name>Ribbon</name>
    <message>
        <source>Emulated cards or test certificates. Nothing here is valid.</source>
        <translation>Thẻ mô phỏng hoặc chứng thư thử nghiệm. Không có giá trị.</translation>
    </message>
    <message>
        <source>TEST</source>
        <translation>THỬ NGHIỆM</translation>
    </message>
    <message>
        <source>Emulated card</source>
        <translation>Thẻ mô phỏng</translation>
    </message>
    <message>
        <source>Which emulated card to put on the reader</source>
        <translation>Chọn thẻ mô phỏng để đặt lên đầu đọc</translation>
    </message>
    <message>
        <source>Forgery</source>
        <translation>Thẻ giả</translation>
    </message>
    <message>
        <source>How the emulated card is forged</source>
        <translation>Thẻ mô phỏng bị làm giả thế nào</translation>
    </message>
    <message>
        <source>genuine</source>
        <translation>thẻ thật</translation>
    </message>
    <message>
        <source>Put card on</source>
        <translation>Đặt thẻ</translation>
    </message>
    <message>
        <source>Put this emulated card on the reader</source>
        <translation>Đặt thẻ mô phỏng này lên đầu đọc</translation>
    </message>
    <message>
        <source>Take card off</source>
        <translation>Nhấc thẻ</translation>
    </message>
    <message>
        <source>Take the emulated card off the reader</source>
        <translation>Nhấc thẻ mô phỏng khỏi đầu đọc</translation>
    </message>
    <message>
        <source>The three lines on its back</source>
        <translation>Ba dòng ở mặt sau</translation>
    </message>
    <message>
        <source>Enter the three lines that are printed on the back of this card</source>
        <translation>Nhập ba dòng in ở mặt sau của thẻ này</translation>
    </message>
    <message>
        <source>Printed number: {number}</source>
        <translation>Số in trên thẻ: {number}</translation>
    </message>
    <message>
        <source>Enter the number that is printed on this card</source>
        <translation>Nhập số in trên thẻ này</translation>
    </message>
</context>
<context>
    <name>SlipSheet</name>
    <message>
        <source>Page {page}</source>
        <translation>Trang {page}</translation>
    </message>
    <message>
        <source>Result slip</source>
        <translation>Phiếu kết quả tra cứu</translation>
    </message>
    <message>
        <source>The file will be signed with this computer’s key.</source>
        <translation>Tệp sẽ được ký số bằng khoá của máy này.</translation>
    </message>
    <message>
        <source>NOT SIGNED: this computer has no device certificate. The slip says so.</source>
        <translation>CHƯA KÝ: máy này chưa có chứng thư thiết bị. Phiếu ghi rõ điều đó.</translation>
    </message>
    <message>
        <source>Save PDF…</source>
        <translation>Lưu PDF…</translation>
    </message>
    <message>
        <source>Keep the slip, and slip.json for programs</source>
        <translation>Lưu phiếu, kèm slip.json cho phần mềm</translation>
    </message>
    <message>
        <source>Print…</source>
        <translation>In…</translation>
    </message>
    <message>
        <source>Print the slip; a print carries no signature</source>
        <translation>In phiếu; bản in không mang chữ ký số</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Quay lại</translation>
    </message>
    <message>
        <source>Go back to the result; nothing of the slip is kept</source>
        <translation>Quay lại kết quả; không giữ lại gì của phiếu</translation>
    </message>
</context>
<context>
    <name>SlipStation</name>
    <message>
        <source>Save the slip</source>
        <translation>Lưu phiếu</translation>
    </message>
    <message>
        <source>Sent to the printer.</source>
        <translation>Đã gửi tới máy in.</translation>
    </message>
    <message>
        <source>Kept as {name}, with its .json beside it.</source>
        <translation>Đã lưu {name}, tệp .json ở bên cạnh.</translation>
    </message>
</context>
<context>
    <name>StatePage</name>
    <message>
        <source>The desk starts by itself once a reader is there.</source>
        <translation>Có đầu đọc là quầy tự hoạt động.</translation>
    </message>
    <message>
        <source>Plug the reader in, or look whether its cable is loose.</source>
        <translation>Cắm đầu đọc, hoặc xem dây có lỏng không.</translation>
    </message>
    <message>
        <source>The number is entered; reading starts as soon as the card lies there.</source>
        <translation>Đã có số; đặt thẻ lên là đọc ngay.</translation>
    </message>
    <message>
        <source>You can also enter the number or scan the QR code first.</source>
        <translation>Cũng có thể nhập số hoặc quét mã QR trước.</translation>
    </message>
    <message>
        <source>The chip opens only for someone who has the card before them.</source>
        <translation>Chip chỉ mở cho người đang cầm thẻ.</translation>
    </message>
    <message>
        <source>Now put the citizen’s ID card on the reader.</source>
        <translation>Bây giờ đặt thẻ căn cước của công dân lên đầu đọc.</translation>
    </message>
    <message>
        <source>Type the 12 digits on its front or scan its QR code.</source>
        <translation>Gõ 12 chữ số ở mặt trước thẻ, hoặc quét mã QR.</translation>
    </message>
    <message>
        <source>Another card is recognised and refused; nothing is mixed.</source>
        <translation>Nếu là thẻ khác, chương trình nhận ra và từ chối; không dữ liệu nào bị trộn lẫn.</translation>
    </message>
    <message>
        <source>The card finishes its last answer, then everything is wiped.</source>
        <translation>Thẻ trả lời nốt câu cuối, rồi mọi dữ liệu được xoá.</translation>
    </message>
    <message>
        <source>Nothing of the last citizen is left on this screen.</source>
        <translation>Màn hình không còn thông tin nào của công dân vừa rồi.</translation>
    </message>
    <message>
        <source>Give the card back. Ready for the next citizen.</source>
        <translation>Trả thẻ cho công dân. Sẵn sàng cho người tiếp theo.</translation>
    </message>
    <message>
        <source>Take the card off and put it on again.</source>
        <translation>Nhấc thẻ ra rồi đặt lại.</translation>
    </message>
</context>
<context>
    <name>_CopyableNumber</name>
    <message>
        <source>Copy the digits (Ctrl+C)</source>
        <translation>Sao chép số (Ctrl+C)</translation>
    </message>
</context>
</TS>
