"""Invented people's names for the demo district."""

GIVEN = (
    "Amara Ana Anders Aisha Beatriz Ben Bilal Camille Carlos Chen Chloe Daniel Daria David Elena "
    "Elias Emeka Emma Fatima Felix Gabriela Grace Hana Hassan Ines Isaac Jada James Jin Joao Jonas "
    "Karim Kavya Keiko Lars Leila Lena Liam Lucia Malik Maria Mateo Maya Mei Miguel Mina Nadia "
    "Nathan Nina Noah Nora Oluwaseun Omar Paula Pedro Priya Rachel Rafael Ravi Rosa Ruth Samuel "
    "Sara Sofia Soren Tariq Tessa Thomas Valeria Victor Wei Yara Yusuf Zoe"
).split()

FAMILY = (
    "Abebe Adeyemi Almeida Andersson Bauer Begum Bianchi Brown Carter Castillo Chavez Cohen Costa "
    "Davies Delgado Diaz Diop Dubois Evans Farah Fischer Fernandes Garcia Gomez Green Gupta Haddad "
    "Hansen Hernandez Hill Ibrahim Ito Jensen Johnson Kaur Keller Khan Kim Kowalski Kumar Lee "
    "Lopez Martin Mendoza Miller Morales Moreau Mwangi Nakamura Nguyen Nowak Okafor Okoye Olsen "
    "Park Patel Pereira Perez Petrov Ramos Reyes Rivera Rossi Sato Schmidt Shah Silva Singh Soto "
    "Tanaka Taylor Tran Vargas Walker Wang Weber Wilson Wright Yilmaz Young Zhang"
).split()
