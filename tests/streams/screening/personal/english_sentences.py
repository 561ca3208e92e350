"""English sentences with slots ``{kind}``; kinds are those of ``values.py``. Written before the rules."""

PERSONAL = """
Hi, I'm {person}, my SSN is {ssn}, call me at {phone_us}, I live at {address_us}.
My name is {person} and I would like to change the address on my account to {address_us}.
Please send the contract to {email} before Friday.
You can reach me on {phone_us} or by mail at {email}.
Dear {given},\\n\\nthank you for your order. We ship to {address_us}.\\n\\nBest regards,\\n{person}
Dear Mr. {surname}, your appointment is confirmed.
The patient, {person}, born on {birth}, was admitted last night.
Name: {person}\\nDOB: {birth}\\nSSN: {ssn}\\nPhone: {phone_us}
Could you charge my card {card}, it expires next year?
Credit card number: {card}
I lost my Visa {card} yesterday, please block it.
Transfer the deposit to IBAN {iban}, please.
My IBAN is {iban}.
The login came from {ip} at 3 am.
Block the address {ip} in the firewall.
Server {ip6} does not answer.
My passport number is {passport_us}, issued in Boston.
Passport no. {passport_us}, nationality American.
Driver's license: {license_us}
My driver license number is {license_us} and it is from Ohio.
Mrs. {surname} asked whether {phone_uk} is still her number.
Her office is at {address_uk}, ask for {person}.
Ship it to {address_us}, attention {person}.
He moved to {city}, {state} {zip} last summer.
{person} wrote: the report is late again.
I spoke to {person} about the invoice on Monday.
Kind regards,\\n{person}\\nSales manager\\n{phone_us}\\n{email}
From: {person} <{email}>\\nTo: {person} <{email}>\\nSubject: budget
Thanks,\\n{given}
Hello {given}, are you coming tonight?
Contact {person} at extension 12 or {email}.
Is {email} still your address?
The account holder is {person}, account number {account}.
Routing number {routing}, account {account}, thanks.
Our employee {person} (SSN {ssn}) starts on Monday.
ssn {ssn_bare} for the tax form
his social security number is {ssn_spaces}
Date of birth: {birth}
She was born on {birth} in Leeds.
National insurance number {nino} for the payroll.
My NI number is {nino}.
NHS number: {nhs}
The Medicare number on the card is {mbi}.
Please fax it to {phone_us}.
Text me: {phone_us_bare}
WhatsApp {phone_intl} any time.
Call our Paris office at {phone_fr} between nine and five.
My German number is {phone_de}.
Tokyo desk: {phone_jp}
In London call {phone_uk}.
MAC address {mac} is not on the list.
The printer with {mac} is offline.
Our EIN is {ein}.
Aadhaar: {aadhaar}
my PAN is {pan} and my mobile is {phone_in}
CPF {cpf}
We met {person} and {person} at the fair.
Is this {given}'s phone, {phone_us}?
Mail the cheque to {po_box}, {city}, {state} {zip}.
I'm {given}, nice to meet you.
This is {person} speaking, how can I help?
Signed: {person}
Attn: {person}, {address_us}
Emergency contact: {person}, {phone_us}
the customer Dr. {surname} complained about the noise at {address_us}
Invoice to {person}\\n{street_us}\\n{city}, {state} {zip}
Please update my phone from {phone_us} to {phone_us}.
user {email} logged in from {ip}
My credit card got stolen: {card}. My name is {person}.
SIN {sin} belongs to {person}
Send 200 dollars from {iban} to {iban}.
Prof. {surname} will give the lecture.
As {person} pointed out, costs are rising.
Delivery for {person}: leave it at {street_us}.
I, {person}, residing at {address_us}, hereby declare that this is true.
{given} {surname} has been with us since May.
what's the balance of {card_plain}?
can you verify {ssn} against the file?
Our new address: {address_uk}
Live at {street_us}, second floor.
Sort code {sort_code}, account number {account_uk}
Employee record: {person} | {birth} | {email} | {phone_us}
"name": "{person}", "email": "{email}", "phone": "{phone_us}"
email={email}&ip={ip}
Applicant {person} (passport {passport_us}) arrived.
ring {phone_uk} and ask for Ms {surname}
My doctor is Dr {surname}, tel. {phone_us}
cc {email}, {email}
Kim's mobile: {phone_us_dots}
Sincerely,\\n\\n{person}
Beneficiary: {person}, IBAN: {iban}, BIC: {bic}
""".strip().splitlines()

ORDINARY = """
The meeting is moved to Tuesday at 14:30 in room 204.
Order number {digits10} has been shipped.
Your tracking number is {tracking}.
Order #{digits10} will arrive on 2024-05-12.
The invoice {digits8} is for 1,250.00 dollars.
Please upgrade to version {version} of the driver.
Released v{version} yesterday with three fixes.
ISBN {isbn} is out of print.
The timestamp was {timestamp} and the job took 350 ms.
Serial number: {serial}
How many people live in New York City?
Paris Hilton Hotel is not far from Central Park.
The United Nations met in Geneva on Monday.
In 2023 the Supreme Court ruled against Microsoft.
Pi is 3.14159265358979 and e is 2.718281828459045.
What is the capital of North Dakota?
commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b fixes it
Set the timeout to 30000 and retries to 5.
Multiply 123456789 by 987654321.
The part 4820-1134-77 is out of stock.
Can you explain how Dijkstra's algorithm works?
It costs 4,999 USD or 45,000 CNY.
The ratio was 16:9 and the score 3-2.
We need 2 people in the street and 3 hours drive.
I am Happy with the result, thank you.
Reference {ref} was closed by support.
Case number {digits8}, ticket {digits10}.
Dear customer, your parcel is delayed.
Hi team, please review the Pull Request today.
Good Morning everyone, Happy New Year!
Flight UA 1234 leaves gate B12 at 06:45.
uuid 550e8400-e29b-41d4-a716-446655440000
The IP protocol was designed in the 1970s.
Phone support is available on weekdays.
I will call you at 5 pm tomorrow.
My address book is full, what should I do?
Write an email to the landlord about the heating.
Chapter 12, page 345, line 6.
model XG-{digits8} replaces the old one
Use port 8080 or 8443 on localhost.
The GDP grew by 2.35 percent in 2019-2020.
batch {digits10} passed quality control
See section 1.2.3.4 of the manual.
The Great Wall of China is 21196 km long.
May I ask a question? Will this work in April?
Best Buy and Home Depot opened on Main Street.
Explain the difference between TCP and UDP, please.
Grace period ends on 31 December 2025.
SKU {digits10} is sold out.
transaction id {digits16} was declined
""".strip().splitlines()
