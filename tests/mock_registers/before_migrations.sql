-- The tables as the sandbox made them before there were migrations, on SQLite and PostgreSQL alike.

CREATE TABLE checkpoints (
    register VARCHAR(30) NOT NULL,
    device_key VARCHAR(64) NOT NULL,
    note VARCHAR(16384) NOT NULL,
    PRIMARY KEY (register, device_key)
);

CREATE TABLE parcels (
    "key" VARCHAR(120) NOT NULL,
    certificate_serial VARCHAR(20) NOT NULL,
    map_sheet VARCHAR(20) NOT NULL,
    parcel_number VARCHAR(20) NOT NULL,
    commune VARCHAR(300) NOT NULL,
    commune_before VARCHAR(300) NOT NULL,
    address VARCHAR(500) NOT NULL,
    area_m2 VARCHAR(20) NOT NULL,
    land_type VARCHAR(10) NOT NULL,
    land_type_name VARCHAR(100) NOT NULL,
    term VARCHAR(100) NOT NULL,
    form_of_use VARCHAR(100) NOT NULL,
    origin VARCHAR(300) NOT NULL,
    quality VARCHAR(20) NOT NULL,
    issued VARCHAR(10),
    boundary JSON NOT NULL,
    PRIMARY KEY ("key")
);

CREATE TABLE persons (
    personal_number VARCHAR(12) NOT NULL,
    old_number VARCHAR(12) NOT NULL,
    name_key VARCHAR(200) NOT NULL,
    full_name VARCHAR(200) NOT NULL,
    date_of_birth VARCHAR(10) NOT NULL,
    sex VARCHAR(1) NOT NULL,
    nationality VARCHAR(100) NOT NULL,
    card_status VARCHAR(20) NOT NULL,
    ethnicity VARCHAR(100) NOT NULL,
    religion VARCHAR(100) NOT NULL,
    place_of_origin VARCHAR(500) NOT NULL,
    residence VARCHAR(500) NOT NULL,
    residence_before VARCHAR(500) NOT NULL,
    father VARCHAR(200) NOT NULL,
    mother VARCHAR(200) NOT NULL,
    spouse VARCHAR(200) NOT NULL,
    issue_date VARCHAR(10),
    expiry VARCHAR(10),
    PRIMARY KEY (personal_number)
);

CREATE INDEX ix_persons_old_number ON persons (old_number);

CREATE TABLE holders (
    parcel_key VARCHAR(120) NOT NULL,
    position INTEGER NOT NULL,
    number VARCHAR(30) NOT NULL,
    name_key VARCHAR(200) NOT NULL,
    full_name VARCHAR(200) NOT NULL,
    date_of_birth VARCHAR(10),
    address VARCHAR(500) NOT NULL,
    PRIMARY KEY (parcel_key, position),
    FOREIGN KEY(parcel_key) REFERENCES parcels ("key")
);

CREATE INDEX ix_holders_number_name ON holders (number, name_key);
